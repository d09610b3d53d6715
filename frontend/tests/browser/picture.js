// Takes docs/storefront.png: the market on a desk, and one listing on a phone
// beside it, from the demo data. Both are pages of the running storefront; only
// the frames around them are drawn here.

import { fileURLToPath } from "node:url";
import { Cloud, launch, Visitor } from "./cloud.js";

/** Which of the newest listings is on the phone: one with options. */
const LISTING = 2;
const PICTURE = fileURLToPath(new URL("../../../docs/storefront.png", import.meta.url));

const cloud = await Cloud.start("--demo");
const browser = await launch();

async function shot({ path, width, height, scale, before }) {
  const visitor = await Visitor.come(browser, cloud, { locale: "en-US", width, height, deviceScaleFactor: scale });
  await visitor.go(path);
  await visitor.page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
  if (before) await before(visitor.page);
  const picture = await visitor.page.screenshot({ type: "png" });
  await visitor.leave();
  return `data:image/png;base64,${picture.toString("base64")}`;
}

/** Chooses the last value of each option, and shows the choice under the foot of the picture. */
async function choose(page) {
  for (const choice of await page.locator(".choice").all()) await choice.locator(".pill:not(.is-out)").last().click();
  await page.evaluate(() => scrollTo(0, 190));
}

const { items } = await cloud.ask("/api/listings");
const desk = await shot({ path: "/", width: 780, height: 850, scale: 2 });
const phone = await shot({ path: `/listing.html?id=${items[LISTING].id}`, width: 360, height: 740, scale: 2, before: choose });

const frame = await browser.newPage({ viewport: { width: 1100, height: 800 } });
await frame.setContent(`<!doctype html><style>
  body { margin: 0; width: 1100px; height: 800px; background: #e9dcc3; position: relative; overflow: hidden; }
  img { display: block; }
  .desk { position: absolute; left: 32px; top: 28px; width: 664px; border-radius: 10px; overflow: hidden; box-shadow: 0 12px 36px #3d2c1440; }
  .desk::before { content: ""; display: block; height: 28px; background:
    radial-gradient(circle at 20px 14px, #d5604f 5px, #0000 6px), radial-gradient(circle at 38px 14px, #e0ac3f 5px, #0000 6px),
    radial-gradient(circle at 56px 14px, #6fa36a 5px, #0000 6px), #f7efdf; }
  .desk img { width: 664px; }
  .phone { position: absolute; right: 32px; top: 56px; width: 326px; border: 9px solid #2a211b; border-radius: 34px; overflow: hidden; box-shadow: 0 16px 44px #3d2c1466; }
  .phone img { width: 326px; }
</style><div class="desk"><img src="${desk}"></div><div class="phone"><img src="${phone}"></div>`);
await frame.screenshot({ path: PICTURE, type: "png" });
await browser.close();
await cloud.stop();
console.log(PICTURE);
