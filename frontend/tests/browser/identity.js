// How a person stays signed in, and what they do with their account, in a real browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cloud, Visitor, launch } from "./cloud.js";

const MINA = "mina@example.com";
const PASSWORD = "correct horse battery";

let browser;
let cloud;
let mina;

before(async () => {
  browser = await launch();
  cloud = await Cloud.start();
  mina = await Visitor.come(browser, cloud, { locale: "en-GB" });
});

after(async () => {
  await mina?.leave();
  await browser?.close();
  await cloud?.stop();
});

async function codeOf(address) {
  return (await cloud.mail(address, "10 minutes")).text.match(/\b\d{6}\b/)[0];
}

test("a stranger signs up and is signed in in the next tab too", async () => {
  const { page } = mina;
  await mina.go("/sign-up.html");
  await page.fill("#email", MINA);
  await page.click("#step-email button[type=submit]");
  await page.locator("#code").waitFor();
  await page.fill("#code", await codeOf(MINA));
  await page.click("#step-code button[type=submit]");
  await page.fill("#nickname", "mina");
  await page.fill("#password", PASSWORD);
  await page.click("#step-profile button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/");
  const cookies = await mina.context.cookies();
  const refresh = cookies.find((cookie) => cookie.name === "__Host-refresh");
  assert.ok(refresh.httpOnly && refresh.secure && refresh.sameSite === "Strict", JSON.stringify(refresh));
  const tab = await mina.context.newPage();
  await tab.goto("/account.html");
  await tab.locator("#account").waitFor();
  assert.equal(await tab.inputValue("#nickname"), "mina");
  await mina.look(tab);
  await tab.close();
});

test("a token that ran out is renewed without a question", async () => {
  const { page } = mina;
  await mina.go("/account.html");
  await page.evaluate(() => {
    const session = JSON.parse(sessionStorage.getItem("jangteo.session"));
    sessionStorage.setItem("jangteo.session", JSON.stringify({ ...session, token: "stale", endsAt: 0 }));
  });
  await page.reload();
  await page.locator("#account").waitFor();
  assert.equal(await page.locator("dialog").count(), 0);
  await mina.look();
});

test("the account page is readable on a phone and on a desktop, in both languages", async () => {
  const { page } = mina;
  for (const [width, height] of [[360, 740], [1280, 900]]) {
    await page.setViewportSize({ width, height });
    await mina.go("/account.html");
    await page.locator("#account").waitFor();
    await page.locator("#devices li").first().waitFor();
    await mina.look();
    if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/account-${width}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 360, height: 740 });
});

test("signing out ends the session at the server too", async () => {
  const { page } = mina;
  await mina.go("/account.html");
  await page.click("#sign-out");
  await page.waitForURL((url) => url.pathname === "/");
  assert.equal((await mina.context.cookies()).some((cookie) => cookie.name === "__Host-refresh"), false);
  await mina.go("/sign-in.html");
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/sign-in-360.png`, fullPage: true });
  await page.fill("#email", MINA);
  await page.fill("#password", PASSWORD);
  await page.click("#form button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/");
});

test("a forgotten password is replaced by way of a code", async () => {
  const { page } = mina;
  await mina.go("/sign-in.html");
  await page.click("#to-reset");
  await page.waitForURL(/reset-password/);
  await cloud.ask("/_local/clock", { advance_s: 61 });
  await page.fill("#email", MINA);
  await page.click("#step-email button[type=submit]");
  await page.locator("#code").waitFor();
  await page.fill("#code", await codeOf(MINA));
  await page.click("#step-code button[type=submit]");
  await page.fill("#password", "another horse battery");
  await mina.look();
  await page.click("#step-password button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/");
  await mina.look();
});
