// The page of the kit in both languages, both looks, on a phone and on a desktop. PICTURES=folder keeps what it
// looks like.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cloud, Visitor, launch } from "./cloud.js";

let browser;
let cloud;

before(async () => {
  browser = await launch();
  cloud = await Cloud.start();
});

after(async () => {
  await browser?.close();
  await cloud?.stop();
});

for (const locale of ["ko-KR", "en-GB"]) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [360, 1280]) {
      test(`the kit is readable in ${locale}, ${colorScheme}, at ${width} px`, async () => {
        const visitor = await Visitor.come(browser, cloud, { locale, colorScheme, width });
        const { page } = visitor;
        await visitor.go("/kit.html");
        await page.locator(".chart canvas").waitFor();
        await page.click("#kit-form button[type=submit]");
        await page.locator("#password-error").waitFor();
        await page.click("#show-toast");
        await page.locator(".toast").waitFor();
        await visitor.look();
        if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/kit-${locale}-${colorScheme}-${width}.png`, fullPage: true });
        for (const id of ["#open-dialog", "#open-sheet"]) {
          await page.click(id);
          await page.locator("dialog").waitFor();
          await visitor.look();
          await page.keyboard.press("Escape");
          await page.locator("dialog").waitFor({ state: "detached" });
        }
        await visitor.leave();
      });
    }
  }
}

test("the parts do what they look like", async () => {
  const visitor = await Visitor.come(browser, cloud, { locale: "en-GB", width: 1280 });
  const { page } = visitor;
  await visitor.go("/kit.html");
  // A problem of the API reaches its fields.
  await page.fill("#password", "long enough to be taken");
  await page.click("#kit-form button[type=submit]");
  for (const name of ["title", "category", "description", "group"]) await page.locator(`#${name}-error`).waitFor();
  await page.locator("#title:focus").waitFor();
  // A toast can be undone.
  await page.click("#show-toast");
  await page.locator(".toast", { hasText: "removed" }).getByText("Undo").click();
  await page.locator(".toast", { hasText: "It is back" }).waitFor();
  // Tabs by the keyboard.
  await page.locator("#kit-1-tab").focus();
  await page.keyboard.press("ArrowLeft");
  await page.locator("#kit-3-panel").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "kit-3-tab");
  // A table is sorted, filtered and chosen from.
  const names = () => page.locator("#kit-table-table tbody td[data-name=Title]").allTextContents();
  const heading = page.locator("#kit-table-table th", { hasText: "Price" });
  await heading.locator("button").click();
  const [first] = await names();
  await heading.locator("button").click();
  assert.notEqual((await names())[0], first);
  assert.match(await heading.getAttribute("aria-sort"), /ascending|descending/);
  await page.fill("#kit-table input[type=search]", "jar");
  assert.deepEqual(await names(), ["Moon jar"]);
  await page.fill("#kit-table input[type=search]", "");
  await page.getByLabel("Choose Onggi").click();
  await page.getByText("Take out what is chosen").click();
  assert.equal((await names()).length, 4);
  // The end of a range follows its beginning.
  await page.fill("#days-from", "2026-12-24");
  await page.locator("#days-from").blur();
  assert.equal(await page.inputValue("#days-to"), "2026-12-24");
  await visitor.look();
  await visitor.leave();
});
