// Prints Lighthouse's four marks for pages of the shop, as a phone on slow 4G with a processor four times
// slower sees them. Run by `scripts/lib/test-browser --lighthouse`, by hand: marks depend on the machine.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cloud } from "./cloud.js";

const tools = (name) => createRequire(new URL(`../../../.tools/${name}/`, import.meta.url));
const { chromium } = tools("browser")("playwright-core");
const { default: lighthouse } = await import(tools("lighthouse").resolve("lighthouse"));

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const LEAST = 95;

/** A port that nobody listens on. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const cloud = await Cloud.start("--demo");
const profile = await mkdtemp(join(tmpdir(), "jangteo-lighthouse-"));
const port = await freePort();
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM, baseURL: cloud.origin, locale: "ko-KR",
  args: [`--remote-debugging-port=${port}`, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
});
browser.setDefaultTimeout(15_000);

async function signUp() {
  const page = await browser.newPage();
  await page.goto("/sign-up.html");
  await page.fill("#email", "mina@example.com");
  await page.click("#step-email button[type=submit]");
  await page.locator("#code").waitFor();
  await page.fill("#code", (await cloud.mail("mina@example.com", "10")).text.match(/\b\d{6}\b/)[0]);
  await page.click("#step-code button[type=submit]");
  await page.fill("#nickname", "mina");
  await page.fill("#password", "correct horse battery");
  await page.click("#step-profile button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/");
  await page.close();
}

await signUp();
const { items } = await cloud.ask("/api/listings");
const { variants } = await cloud.ask(`/api/listings/${items[0].id}`);
const pages = {
  home: { path: "/" },
  listing: { path: `/listing.html?id=${items[0].id}` },
  checkout: { path: `/checkout.html?listing=${items[0].id}&variant=${variants[0].id}&quantity=1`, isPrivate: true },
  account: { path: "/account.html", isPrivate: true },
};

let missed = 0;
console.log(`page       ${CATEGORIES.join("  ")}  first paint  largest paint  blocked  shift`);
for (const [name, { path, isPrivate }] of Object.entries(pages)) {
  const { lhr } = await lighthouse(cloud.origin + path, {
    port, logLevel: "error", output: "json", onlyCategories: CATEGORIES, disableStorageReset: true, locale: "en-US",
    // What is one person's must not be found by a search.
    skipAudits: isPrivate ? ["is-crawlable"] : [],
  });
  assert.equal(lhr.runtimeError, undefined, JSON.stringify(lhr.runtimeError));
  const marks = CATEGORIES.map((category) => Math.round(lhr.categories[category].score * 100));
  const value = (audit) => lhr.audits[audit].displayValue.padStart(8);
  console.log(
    name.padEnd(10), ...marks.map((mark, place) => String(mark).padStart(CATEGORIES[place].length + 1)), "  ",
    value("first-contentful-paint"), "     ", value("largest-contentful-paint"), value("total-blocking-time"), value("cumulative-layout-shift"),
  );
  for (const category of CATEGORIES) {
    for (const { id, weight } of lhr.categories[category].auditRefs) {
      const audit = lhr.audits[id];
      if (weight > 0 && audit.score !== null && audit.score < 0.9) console.log(`    ${category}: ${audit.title} (${audit.displayValue ?? audit.score})`);
    }
  }
  missed += marks.filter((mark) => mark < LEAST).length;
}
await browser.close();
await cloud.stop();
await rm(profile, { recursive: true, force: true });
if (missed) {
  console.log(`${missed} marks are below ${LEAST}`);
  process.exitCode = 1;
}
