// How a person stays signed in, and what they do with their account, in a real browser.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { Cloud, Visitor, launch } from "./cloud.js";

const MINA = "mina@example.com";
const PASSWORD = "correct horse battery";
const SECOND_PASSWORD = "another horse battery";

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

/** The next page finds a token that has run out. */
function endToken(page) {
  return page.evaluate(() => {
    const session = JSON.parse(sessionStorage.getItem("jangteo.session"));
    sessionStorage.setItem("jangteo.session", JSON.stringify({ ...session, token: "stale", endsAt: 0 }));
  });
}

test("a token that ran out is renewed without a question", async () => {
  const { page } = mina;
  await mina.go("/account.html");
  await endToken(page);
  await page.reload();
  await page.locator("#account").waitFor();
  assert.equal(await page.locator("dialog").count(), 0);
  await mina.look();
});

test("who is signed in can sell after their token ran out", async () => {
  const { page } = mina;
  await mina.go("/account.html");
  await endToken(page);
  await mina.go("/sell.html");
  assert.equal(new URL(page.url()).pathname, "/sell.html");
  await page.locator("#menu .who").waitFor();
  assert.equal(await page.locator("dialog").count(), 0);
});

test("who is signed in is not told to sign in to see their orders, also after their token ran out", async () => {
  const { page } = mina;
  await endToken(page);
  await mina.go("/order.html");
  await page.getByRole("link", { name: "All my orders" }).click();
  await page.waitForURL(/orders\.html/);
  await page.locator(".state", { hasText: "No orders yet" }).waitFor();
  await mina.look();
  assert.doesNotMatch(await page.textContent("main"), /sign in/);
  await picture(page, "orders-member-360");
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

const hasCookie = async (visitor) => (await visitor.context.cookies()).some(({ name }) => name === "__Host-refresh");

test("an address book is kept, and the checkout offers it", async () => {
  const { page } = mina;
  await mina.go("/account.html");
  const write = async (name, address) => {
    await page.fill("#shipping-name", name);
    await page.fill("#shipping-phone", "010 1234 5678");
    await page.fill("#shipping-postcode", "03187");
    await page.fill("#shipping-address", address);
    await page.click("dialog button[type=submit]");
    await page.locator("dialog").waitFor({ state: "detached" });
  };
  await page.click("#address-add");
  await page.fill("#shipping-postcode", "135-080");
  await page.click("dialog button[type=submit]");
  await page.locator("#shipping-postcode-error", { hasText: "5 digits" }).waitFor();
  await mina.look();
  await write("Mina", "1 Cheonggyecheon-ro, Seoul");
  await page.click("#address-add");
  await write("Mina's mother", "2 Haeundae-ro, Busan");
  await page.locator("#addresses li", { hasText: "Busan" }).getByText("Make default").click();
  await page.locator("#addresses li", { hasText: "Busan" }).getByText("Default", { exact: true }).waitFor();
  await page.locator("#addresses li", { hasText: "Seoul" }).getByText("Change").click();
  await write("Mina", "3 Cheonggyecheon-ro, Seoul");
  await page.locator("#addresses li", { hasText: "3 Cheonggyecheon-ro" }).waitFor();
  await mina.look();
  await picture(page, "addresses-360");
  await page.route("**/api/listings/lst_1", (route) => route.fulfill({
    json: {
      id: "lst_1", title: "A lamp", pictures: [], options: [],
      variants: [{ id: "var_1", option_values: [], price: { amount: 12_000, currency: "KRW" }, available: 3 }],
    },
  }));
  await mina.go("/checkout.html?listing=lst_1&variant=var_1&quantity=1");
  await page.waitForSelector("#form:not([inert])");
  assert.equal(await page.inputValue("#contact-email"), MINA);
  assert.equal(await page.inputValue("#shipping-address"), "2 Haeundae-ro, Busan");
  await page.selectOption("#address-book", { label: "Mina · 3 Cheonggyecheon-ro, Seoul" });
  assert.equal(await page.inputValue("#shipping-address"), "3 Cheonggyecheon-ro, Seoul");
  await page.fill("#contact-email", "mina@gmial.com");
  await page.locator("#email-typo", { hasText: "mina@gmail.com" }).getByText("Use this address").click();
  assert.equal(await page.inputValue("#contact-email"), "mina@gmail.com");
  await mina.look();
  await picture(page, "checkout-member-360");
  await mina.go("/account.html");
  await page.locator("#addresses li", { hasText: "Busan" }).getByText("Remove").click();
  await page.locator("#addresses li", { hasText: "Busan" }).waitFor({ state: "detached" });
  await page.locator(".toast").getByText("Undo").click();
  await page.locator("#addresses li", { hasText: "Busan" }).getByText("Default", { exact: true }).waitFor();
  await mina.look();
  for (const place of ["Busan", "Seoul"]) await page.locator("#addresses li", { hasText: place }).getByText("Remove").click();
  await page.locator("#addresses li").first().waitFor({ state: "detached" });
  await page.evaluate(() => sessionStorage.removeItem("jangteo.draft.checkout"));
});

test("signing out ends the session at the server and in the other tabs, and says when it could not", async () => {
  const { page } = mina;
  const tab = await mina.context.newPage();
  await tab.goto("/account.html");
  await tab.locator("#account").waitFor();
  await mina.go("/account.html");
  await page.evaluate(() => sessionStorage.setItem("jangteo.attempt.checkout", "{}"));
  await page.route("**/api/auth/sign-out", (route) => route.abort(), { times: 2 });
  await page.click("#sign-out");
  await page.locator("#devices-error:not([hidden])").waitFor();
  mina.expectLost("/api/auth/sign-out");
  assert.ok(await hasCookie(mina));
  await page.click("#sign-out");
  await page.waitForURL((url) => url.pathname === "/");
  assert.equal(await hasCookie(mina), false);
  assert.equal(await page.evaluate(() => sessionStorage.getItem("jangteo.attempt.checkout")), null);
  await tab.waitForURL(/sign-in\.html\?return=%2Faccount\.html/);
  assert.equal(await tab.evaluate(() => sessionStorage.getItem("jangteo.session")), null);
  await tab.close();
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
  await page.getByText("Sign in with another account").click();
  await page.fill("#email", MINA);
  await page.click("#to-reset");
  await page.waitForURL(/reset-password/);
  await cloud.ask("/_local/clock", { advance_s: 61 });
  assert.equal(await page.inputValue("#email"), MINA);
  assert.equal(new URL(page.url()).hash, "");
  await page.click("#step-email button[type=submit]");
  await page.locator("#code").waitFor();
  await page.fill("#code", await codeOf(MINA));
  await page.click("#step-code button[type=submit]");
  await page.fill("#password", SECOND_PASSWORD);
  await mina.look();
  // The answer is lost, and the proof is spent when it is asked again.
  await page.route("**/api/auth/password-reset", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await page.click("#step-password button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/");
  mina.expectLost("/api/auth/password-reset");
  mina.expectRefusal(401, "/api/auth/password-reset");
  await mina.look();
});

let app;
let recoveryCodes;

/** What an authenticator app shows for a secret (RFC 6238), by the cloud's clock. */
async function codeOfApp() {
  const { now } = await cloud.ask("/_local/clock");
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.parse(now) / 30_000)));
  const mac = createHmac("sha1", app).update(step).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function bytesOfBase32(text) {
  const bits = [...text].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}

async function picture(page, name) {
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${name}.png` });
}

test("attack_51 two-step sign-in is turned on with the password, which the dialog asks for", async () => {
  const { page } = mina;
  await mina.go("/account.html");
  await page.locator("#second-body button").click();
  const dialog = page.locator("dialog");
  await dialog.locator("#proof-password").fill("a wrong password");
  await picture(page, "proof-360");
  await dialog.locator("button[type=submit]").click();
  await dialog.locator("#proof-password-error").waitFor();
  mina.expectRefusal(422, "/api/me/totp");
  await mina.look();
  await dialog.locator("#proof-password").fill(SECOND_PASSWORD);
  let goOn;
  const isSent = new Promise((resolve) => {
    page.route("**/api/me/totp", (route) => {
      goOn = () => route.continue();
      resolve();
    }, { times: 1 });
  });
  await dialog.locator("button[type=submit]").click();
  await isSent;
  await dialog.locator(".actions button").last().click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  // What was sent cannot be closed away; a second Esc closes it for a moment.
  await dialog.waitFor();
  goOn();
  await page.locator("#second-body .qr").waitFor();
  await page.locator("#second-body h3:focus").waitFor();
  assert.equal(await page.locator("dialog").count(), 0);
  app = bytesOfBase32((await page.locator("#second-body code").textContent()).replaceAll(" ", ""));
  await page.fill("#on-code", await codeOfApp());
  await page.click("#second-body button[type=submit]");
  await page.locator("#second-body .codes").waitFor();
  await page.locator("#second-body h3:focus", { hasText: "Recovery codes" }).waitFor();
  await picture(page, "recovery-360");
  recoveryCodes = await page.locator("#second-body .codes code").allTextContents();
  assert.equal(recoveryCodes.length, 10);
  await mina.look();
  await page.locator("#second-body .actions button").last().click();
  await page.locator("#second-body").getByText("It is on").waitFor();
  await page.locator("#second-body button:focus").waitFor();
});

test("a dialog that is closed changes nothing, and a password that is too common is told in the form", async () => {
  const { page } = mina;
  await page.locator("#second-body button").click();
  await page.locator("dialog .actions button").last().click();
  assert.equal(await page.locator("dialog").count(), 0);
  await page.locator("#second-body button:focus").waitFor();
  await page.fill("#new_password", "password1");
  await page.click("#password button[type=submit]");
  await page.fill("#proof-password", SECOND_PASSWORD);
  await page.click("dialog button[type=submit]");
  await page.locator("#new_password-error").waitFor();
  assert.equal(await page.locator("dialog").count(), 0);
  mina.expectRefusal(422, "/api/me/password");
  await mina.look();
});

test("somebody without a password confirms by a code to their address", async () => {
  const { page } = mina;
  await cloud.ask("/_local/clock", { advance_s: 61 });
  await page.locator("#second-body button").click();
  const dialog = page.locator("dialog");
  await dialog.getByText("I have no password").click();
  await dialog.locator("#proof-code").waitFor();
  await dialog.locator("#proof-code").fill(await codeOf(MINA));
  await dialog.locator("#second-code").fill("000000");
  await picture(page, "proof-mail-360");
  await mina.look();
  await dialog.locator("button[type=submit]").click();
  // She has one, so the API asks for that.
  await dialog.locator(".form-error", { hasText: "password" }).waitFor();
  // Turning it on ended the token; the next one came without a question.
  mina.expectRefusal(401, "/api/me/totp/disable");
  mina.expectRefusal(422, "/api/me/totp/disable");
  await dialog.locator(".actions button").last().click();
  // Another code may not be had at once, and that of before is in her hands.
  await page.locator("#second-body button").click();
  await dialog.getByText("I have no password").click();
  await dialog.locator("#proof-code").waitFor();
  mina.expectRefusal(429, "/api/auth/email-codes");
  await dialog.locator(".actions button").last().click();
});

test("attack_51 withdrawing asks for the password and a code, and signing in undoes it", async () => {
  const { page } = mina;
  await page.click("#withdraw");
  const dialog = page.locator("dialog");
  await dialog.locator("#proof-password").fill(SECOND_PASSWORD);
  await dialog.locator("button[type=submit]").click();
  await dialog.locator("#second-code-error").waitFor();
  await dialog.getByText("Use a recovery code").click();
  assert.equal(await dialog.locator("[aria-invalid], .form-error:not([hidden])").count(), 0);
  await dialog.locator("#second-code").fill(recoveryCodes[0]);
  await picture(page, "withdraw-360");
  await mina.look();
  await dialog.locator("button[type=submit]").click();
  await page.locator("h1:focus", { hasText: "Your account will be deleted" }).waitFor();
  const { now } = await cloud.ask("/_local/clock");
  const inSevenDays = new Intl.DateTimeFormat("en-US", { dateStyle: "medium", timeZone: "Asia/Seoul" }).format(Date.parse(now) + 7 * 86_400_000);
  assert.ok((await page.textContent(".state p")).includes(inSevenDays), inSevenDays);
  assert.equal(await page.locator("#menu .who").count(), 0);
  await picture(page, "withdrawn-360");
  await mina.look();
  await page.locator(".state .actions a").last().click();
  await page.waitForURL((url) => url.pathname === "/sign-in.html");
  await page.fill("#email", MINA);
  await page.fill("#password", SECOND_PASSWORD);
  await page.click("#form button[type=submit]");
  await page.locator("#second-code").waitFor();
  await cloud.ask("/_local/clock", { advance_s: 30 });
  await page.fill("#second-code", await codeOfApp());
  await page.click("form button[type=submit]");
  await page.getByText("Keep my account").waitFor();
  mina.expectRefusal(409, "/api/auth/sign-in/totp");
  await mina.look();
  await page.getByText("Keep my account").click();
  await page.locator("#stay").waitFor({ state: "detached" });
  await page.fill("#second-code", await codeOfApp());
  await page.click("form button[type=submit]");
  await page.locator("#news", { hasText: "Your account stays" }).waitFor();
  await mina.look();
  await page.reload();
  await page.locator("#account").waitFor();
  assert.equal(await page.locator("#news").isVisible(), false, "what is over is not told again");
});

test("who has linked a login is told so", async () => {
  const { page } = mina;
  await page.locator("#logins button").first().click();
  await page.keyboard.press("Escape");
  await page.locator("#logins [data-provider=google]:focus").waitFor();
  await page.locator("#logins button").first().click();
  await page.fill("#proof-password", SECOND_PASSWORD);
  await page.click("dialog button[type=submit]");
  await logInAtProvider(page, { email: MINA, name: "Mina" });
  await page.click("button[value=allow]");
  await page.locator("#news", { hasText: "Your Google login is linked" }).waitFor();
  await picture(page, "linked-360");
  await mina.look();
});

/** Signs somebody up without a browser. */
async function signUp(email, nickname) {
  const ask = async (path, body, headers = {}) => {
    const answer = await fetch(cloud.origin + path, {
      method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body),
    });
    assert.ok(answer.ok, path);
    return answer.json();
  };
  await ask("/api/auth/email-codes", { email, purpose: "sign_up" });
  const { email_proof: proof } = await ask("/api/auth/email-codes/verify", { email, purpose: "sign_up", code: await codeOf(email) });
  await ask("/api/auth/sign-up", { email_proof: proof, nickname, password: PASSWORD }, { "idempotency-key": nickname });
}

test("a dropped tab loses nothing of the steps to an account, or to a new password", async () => {
  const hana = await Visitor.come(browser, cloud, { locale: "en-GB" });
  const email = "hana@example.com";
  const askForCode = async (page) => {
    await page.fill("#email", email);
    await page.click("#step-email button[type=submit]");
    await page.locator("#step-code:not([hidden])").waitFor();
  };
  try {
    const { page } = hana;
    await hana.go("/sign-up.html");
    await askForCode(page);
    await page.reload();
    await page.locator("#code-sent", { hasText: email }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), "code");
    await hana.look();
    // Another tab knows nothing of it, and a new code may not be had yet.
    const tab = await hana.context.newPage();
    await tab.goto("/sign-up.html");
    await askForCode(tab);
    hana.expectRefusal(429, "/api/auth/email-codes");
    await tab.locator("#code-sent", { hasText: "a moment ago" }).waitFor();
    await hana.look(tab);
    await picture(tab, "code-too-soon-360");
    await tab.fill("#code", await codeOf(email));
    await tab.click("#step-code button[type=submit]");
    await tab.locator("#nickname").waitFor();
    await tab.reload();
    await tab.locator("#proved-email", { hasText: email }).waitFor();
    await hana.look(tab);
    await picture(tab, "proved-360");
    // Whoever turned back to the address they have proved needs no other code.
    await tab.locator("#proved button").click();
    await tab.click("#step-email button[type=submit]");
    await tab.fill("#nickname", "hana");
    await tab.fill("#password", PASSWORD);
    await tab.click("#step-profile button[type=submit]");
    await tab.waitForURL((url) => url.pathname === "/");
    assert.equal(await tab.evaluate(() => sessionStorage.getItem("jangteo.code_step")), null);
    await tab.close();
    await hana.go("/reset-password.html");
    assert.equal(await page.locator("#step-email").isVisible(), true, "what was for a sign-up is for nothing else");
    await askForCode(page);
    await page.reload();
    await page.fill("#code", await codeOf(email));
    await page.click("#step-code button[type=submit]");
    await page.locator("#step-password:not([hidden])").waitFor();
    await page.reload();
    await page.fill("#password", SECOND_PASSWORD);
    await page.click("#step-password button[type=submit]");
    await page.waitForURL((url) => url.pathname === "/");
  } finally {
    await hana.leave();
  }
});

/** At a provider's simulator: who one is there, and that the site may know. */
async function logInAtProvider(page, { email, name, isVerified = true }) {
  await page.locator("summary").click();
  await page.fill("input[name=email]", email);
  await page.fill("input[name=name]", name);
  await page.setChecked("input[name=email_verified]", isVerified);
  await page.locator("details button.main").click();
}

test("who has an account at a provider comes back signed in, on a device that knows nothing of them", async () => {
  const gina = await Visitor.come(browser, cloud, { locale: "en-GB" });
  const { page } = gina;
  const who = { email: "gina@example.com", name: "Gina" };
  try {
    await gina.go("/sign-up.html");
    await page.click("[data-login=google]");
    await logInAtProvider(page, who);
    await page.click("button[value=allow]");
    await page.locator("#step-profile:not([hidden])").waitFor();
    await page.waitForLoadState("networkidle");
    // Whoever was on their way to sign in and is not is no surprise to the page, though the browser tells it.
    gina.expectRefusal(401, "/api/auth/refresh");
    await gina.look();
    // A phone drops the tab; and whoever comes to the page anew is not held by what was begun.
    await page.reload();
    await page.locator("#news", { hasText: "Google has told us" }).waitFor();
    await gina.go("/sign-up.html");
    assert.equal(await page.locator("#step-email").isVisible(), true);
    await page.goBack();
    await page.locator("#step-profile:not([hidden])").waitFor();
    await picture(page, "completion-360");
    await page.fill("#nickname", "gina");
    await page.click("#step-profile button[type=submit]");
    await page.waitForURL((url) => url.pathname === "/");
    await gina.go("/account.html");
    await page.click("#sign-out");
    await page.waitForURL((url) => url.pathname === "/");
    assert.equal(await page.evaluate(() => localStorage.getItem("jangteo.signed_in")), null);
    await page.goto("/sell.html");
    await page.waitForURL((url) => url.pathname === "/sign-in.html");
    // She picks another account, thinks better of it, and is still on her way to sell.
    await page.click("[data-login=google]");
    await logInAtProvider(page, { email: "gina.at.work@example.com", name: "Gina" });
    await page.click("button[value=cancel]");
    await page.locator("#reason", { hasText: "cancelled" }).waitFor();
    await page.waitForLoadState("networkidle");
    gina.expectRefusal(401, "/api/auth/refresh");
    await gina.look();
    await page.click("[data-login=google]");
    await logInAtProvider(page, who);
    await page.locator("#menu .who").waitFor();
    assert.equal(new URL(page.url()).pathname, "/sell.html");
    await gina.look();
    // She has no password: a code to her address lets her withdraw, and her login lets her stay.
    await gina.go("/account.html");
    await page.locator("#withdraw").click();
    await page.locator("dialog").getByText("I have no password").click();
    await page.locator("#proof-code").waitFor();
    await page.fill("#proof-code", await codeOf(who.email));
    await page.click("dialog button[type=submit]");
    await page.locator("h1", { hasText: "Your account will be deleted" }).waitFor();
    await gina.go("/sign-in.html");
    await page.click("[data-login=google]");
    await logInAtProvider(page, who);
    await page.locator("#reason", { hasText: "about to be erased" }).waitFor();
    await page.waitForLoadState("networkidle");
    gina.expectRefusal(401, "/api/auth/refresh");
    await page.click("[data-login=google]");
    await logInAtProvider(page, who);
    await page.locator("#news", { hasText: "Your account stays" }).waitFor();
    await gina.look();
  } finally {
    await gina.leave();
  }
});

test("attack_52 a login whose address is not verified is linked to an account only by a code to it", async () => {
  await signUp("cara@example.com", "cara");
  const stranger = await Visitor.come(browser, cloud, { locale: "en-GB" });
  const { page } = stranger;
  try {
    await cloud.ask("/_local/clock", { advance_s: 61 });
    await stranger.go("/sign-up.html");
    await page.click("[data-login=google]");
    await logInAtProvider(page, { email: "ben@example.com", name: "Ben", isVerified: false });
    await page.click("button[value=allow]");
    await page.locator("#step-email").waitFor();
    await page.waitForLoadState("networkidle");
    stranger.expectRefusal(401, "/api/auth/refresh");
    await stranger.look();
    await page.fill("#email", "cara@example.com");
    await page.click("#step-email button[type=submit]");
    await page.locator("#code").waitFor();
    await page.fill("#code", await codeOf("cara@example.com"));
    await page.click("#step-code button[type=submit]");
    await page.fill("#nickname", "benben");
    await page.click("#step-profile button[type=submit]");
    await page.locator("#link button").waitFor();
    stranger.expectRefusal(409, "/api/auth/oauth/complete");
    await stranger.look();
    await page.locator("#link button").click();
    await page.locator("#proof-code").waitFor();
    await page.fill("#proof-code", await codeOf("cara@example.com"));
    await picture(page, "link-360");
    await page.locator("form:has(#proof-code) button[type=submit]").click();
    await page.waitForURL((url) => url.pathname === "/");
    await stranger.go("/account.html");
    await page.locator("#logins").getByText("Unlink").waitFor();
    assert.equal(await page.inputValue("#nickname"), "cara");
  } finally {
    await stranger.leave();
  }
});

async function signIn(tab, name) {
  await tab.goto("/sign-in.html");
  await tab.locator("#another, #email").first().waitFor();
  // Whether somebody is signed in may be known a moment later only.
  await tab.waitForLoadState("networkidle");
  if (await tab.locator("#another").isVisible()) await tab.click("#another");
  await tab.fill("#email", `${name}@example.com`);
  await tab.fill("#password", PASSWORD);
  await tab.click("#form button[type=submit]");
  await tab.waitForURL((url) => url.pathname === "/");
}

test("the account page sends a stranger to sign in, and says what is wrong when it is something else", async () => {
  const stranger = await Visitor.come(browser, cloud, { locale: "en-GB" });
  const { page } = stranger;
  try {
    await signUp("ina@example.com", "ina");
    await page.goto("/account.html");
    await page.waitForURL(/sign-in\.html\?return=%2Faccount\.html/);
    await page.fill("#email", "ina@example.com");
    await page.fill("#password", PASSWORD);
    await page.route("**/api/me", (route) => route.abort(), { times: 2 });
    await page.click("#form button[type=submit]");
    await page.locator("main .state h1", { hasText: "could not reach the server" }).waitFor();
    stranger.expectLost("/api/me");
    await picture(page, "load-error-360");
    await page.locator("main .state button").click();
    await page.locator("#account").waitFor();
    await stranger.look();
  } finally {
    await stranger.leave();
  }
});

test("what is wrong with a field is said of that field, and of what is in it now", async () => {
  const jo = await Visitor.come(browser, cloud, { locale: "en-GB" });
  const { page } = jo;
  try {
    await signUp("jo@example.com", "jojo");
    await signIn(page, "jo");
    await jo.go("/account.html");
    await page.fill("#nickname", "joanna");
    await page.click("#profile button[type=submit]");
    await page.locator("#news", { hasText: "Saved" }).waitFor();
    // A file that is no picture: an error, and no news beside it.
    await page.setInputFiles("#photo", { name: "a.jpg", mimeType: "image/jpeg", buffer: Buffer.from("no picture") });
    await page.locator("#photo-error", { hasText: "does not look like a photo" }).waitFor();
    assert.equal(await page.locator("#news").isVisible(), false);
    assert.equal(await page.textContent("#photo-state"), "");
    await page.locator("#new_password").pressSequentially("short");
    await page.click("#password button[type=submit]");
    await page.locator("#new_password-error", { hasText: "at least 8 characters" }).waitFor();
    await jo.look();
    await cloud.ask("/_local/clock", { advance_s: 61 });
    await page.locator("#second-body button").click();
    await page.locator("dialog").getByText("I have no password").click();
    await page.fill("#proof-code", "12345");
    await page.click("dialog button[type=submit]");
    await page.locator("#proof-code-error", { hasText: "6 digits" }).waitFor();
    await page.keyboard.press("Escape");
    await jo.go("/sell.html");
    await page.click("#form button[type=submit]");
    for (const name of ["title", "variants-0-price", "variants-0-stock"]) await page.locator(`#${name}-error`).waitFor();
    await jo.look();
    await picture(page, "sell-empty-360");
    await page.goto("/listing.html?id=lst_nope");
    await page.locator(".state p", { hasText: "The address may have changed" }).waitFor();
    jo.expectRefusal(400, "/api/listings/lst_nope");
    await jo.look();
  } finally {
    await jo.leave();
  }
});

test("somebody else signs in on the same device, and a tab of before does nothing in their name", async () => {
  for (const name of ["dora", "eve"]) await signUp(`${name}@example.com`, name);
  const family = await Visitor.come(browser, cloud, { locale: "en-GB" });
  const { page } = family;
  const orders = () => page.evaluate(() => JSON.parse(localStorage.getItem("jangteo.orders")).map(({ id }) => id));
  try {
    await signIn(page, "dora");
    await family.go("/account.html");
    await page.evaluate(() => {
      localStorage.setItem("jangteo.orders", JSON.stringify([{ id: "of-dora" }, { id: "of-a-guest", secret: "s" }]));
    });
    await signIn(page, "dora");
    assert.deepEqual(await orders(), ["of-dora", "of-a-guest"]);
    await family.go("/account.html");
    // Dora's token runs out, and Eve signs in in the next tab.
    await cloud.ask("/_local/clock", { advance_s: 900 });
    await signIn(await family.context.newPage(), "eve");
    await page.fill("#nickname", "dorothea");
    await page.click("#profile button[type=submit]");
    await page.locator("#email", { hasText: "eve@example.com" }).waitFor();
    family.expectRefusal(401, "/api/me");
    assert.equal(await page.inputValue("#nickname"), "eve");
    assert.deepEqual(await orders(), ["of-a-guest"]);
    await family.look();
  } finally {
    await family.leave();
  }
});

test("the sign-in dialog stays until what was sent is answered, and does nothing in the name of somebody else", async () => {
  const dora = await Visitor.come(browser, cloud, { locale: "en-GB" });
  const { page } = dora;
  try {
    await signIn(page, "dora");
    await dora.go("/account.html");
    // The token runs out, and the cookie that would get the next one is gone.
    await cloud.ask("/_local/clock", { advance_s: 900 });
    await dora.context.clearCookies();
    await page.fill("#nickname", "dorothea");
    await page.click("#profile button[type=submit]");
    const dialog = page.locator("dialog");
    assert.equal(await dialog.locator("#again-email").inputValue(), "dora@example.com");
    assert.equal(await dialog.locator("a").getAttribute("href"), "/sign-in.html?return=%2Faccount.html");
    await picture(page, "again-360");
    await dialog.locator("#again-password").fill(PASSWORD);
    let answer;
    const held = new Promise((resolve) => { answer = resolve; });
    await page.route("**/api/auth/sign-in", async (route) => {
      await held;
      await route.continue();
    });
    await dialog.locator("button[type=submit]").click();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await dialog.locator(".actions button").last().click();
    await dialog.waitFor();
    answer();
    await page.locator("#news", { hasText: /./ }).waitFor();
    assert.equal(await dialog.count(), 0);
    assert.equal(await page.locator("#menu .who").getAttribute("title"), "dorothea");
    const expectBoth = () => ["/api/me", "/api/auth/refresh"].forEach((path) => dora.expectRefusal(401, path));
    expectBoth();
    // Somebody else answers it: nothing is done in their name, and the page becomes theirs.
    await page.unroute("**/api/auth/sign-in");
    await cloud.ask("/_local/clock", { advance_s: 900 });
    await dora.context.clearCookies();
    await page.fill("#nickname", "dolores");
    await page.click("#profile button[type=submit]");
    await dialog.locator("#again-email").fill("eve@example.com");
    await dialog.locator("#again-password").fill(PASSWORD);
    await dialog.locator("button[type=submit]").click();
    await page.locator("#email", { hasText: "eve@example.com" }).waitFor();
    assert.equal(await page.inputValue("#nickname"), "eve");
    expectBoth();
    await dora.look();
  } finally {
    await dora.leave();
  }
});
