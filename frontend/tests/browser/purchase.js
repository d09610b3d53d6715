// Two strangers, a shop and a phone: the whole way of a purchase in a real
// browser, on a local cloud that starts empty. The tests are one story and run
// in order.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Cloud, launch, Visitor } from "./cloud.js";

const TITLE = "Brass lamp <b>with</b> a shade";
const PASSWORD = "a lantern over the stalls";
const SELLER = "seller@shop.test";
const BUYER = "buyer@phone.test";

let cloud;
let browser;
let seller;
let buyer;
let listing;
let paidOrder;

before(async () => {
  cloud = await Cloud.start();
  browser = await launch();
  seller = await Visitor.come(browser, cloud, { locale: "en-US", width: 1280, height: 900 });
  buyer = await Visitor.come(browser, cloud, { locale: "ko-KR", hasTouch: true, isMobile: true });
});

after(async () => {
  await browser?.close();
  await cloud?.stop();
});

/** A photo as a phone takes it, drawn in the browser. */
async function photo(page) {
  const data = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 2400, height: 1800 });
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#a33";
    brush.fillRect(0, 0, 2400, 1800);
    brush.fillStyle = "#fd6";
    brush.arc(1200, 800, 500, 0, 7);
    brush.fill();
    return canvas.toDataURL("image/jpeg", 0.9);
  });
  return { name: "IMG_0001.jpg", mimeType: "image/jpeg", buffer: Buffer.from(data.split(",")[1], "base64") };
}

async function variantOf(values) {
  const { variants } = await cloud.ask(`/api/listings/${listing}`);
  return variants.find(({ option_values: own }) => own.join() === values);
}

const available = async (values) => (await variantOf(values)).available;

/** Chooses a variant and fills the checkout; leaves the buyer before the button that sends it. */
async function fillCheckout(visitor, variant, quantity = 1) {
  const { page } = visitor;
  await visitor.go(`/listing.html?id=${listing}`);
  for (const value of variant) await page.locator(`.pill:has(input[value="${value}"])`).click();
  for (let more = 1; more < quantity; more += 1) await page.locator(".stepper button").last().click();
  await visitor.look();
  await page.locator(".purchase button[type=submit]").click();
  await page.waitForURL(/checkout\.html/);
  await page.waitForSelector("#form:not([inert])");
  await page.fill("#contact-name", "김서울");
  await page.fill("#contact-phone", "010-1234-5678");
  await page.fill("#contact-email", BUYER);
  await page.fill("#shipping-postcode", "03187");
  await page.fill("#shipping-address", "서울특별시 종로구 청계천로 1");
  await page.fill("#shipping-detail", "3층");
  await visitor.look();
}

/** Orders; leaves the buyer before the button that pays. */
async function order(visitor, variant, quantity) {
  const { page } = visitor;
  await fillCheckout(visitor, variant, quantity);
  await page.click("#form button[type=submit]");
  await page.waitForSelector("#payment:not([hidden])");
  await visitor.look();
}

/** Goes through the payment window with one of its cards, and comes back. */
async function pay(visitor, card) {
  const { page } = visitor;
  await page.waitForURL(/_local\/toss\/window/);
  await visitor.look();
  await page.check(`input[value=${card}]`);
  await page.click("button.pay");
  await page.waitForURL(/pay-return\.html/);
  await page.waitForSelector(".state-mark");
}

async function picture(page, name) {
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/${name}.png`, fullPage: true });
}

const heading = (visitor) => visitor.page.locator("main h1").first().textContent();

test("someone signs up with the code from the mailbox page", async () => {
  const { page } = seller;
  await seller.go("/sign-up.html?return=/sell.html");
  await page.fill("#email", SELLER);
  await page.click("#step-email button[type=submit]");
  await page.waitForSelector("#mailbox:not([hidden])");
  const [mailbox] = await Promise.all([seller.context.waitForEvent("page"), page.click("#mailbox a")]);
  await mailbox.waitForLoadState();
  await mailbox.goto(`/_local/mailbox.html?to=${encodeURIComponent(SELLER)}`);
  await mailbox.locator("#list button").first().click();
  await seller.look(mailbox);
  const code = (await mailbox.locator("#text").textContent()).match(/\b\d{6}\b/)[0];
  await mailbox.close();
  await page.fill("#code", code);
  await page.click("#step-code button[type=submit]");
  await page.fill("#nickname", "lampkeeper");
  await page.fill("#password", PASSWORD);
  await seller.look();
  await page.click("#step-profile button[type=submit]");
  await page.waitForURL(/sell\.html/);
  await seller.look();
  assert.equal(await page.locator("#menu .who").getAttribute("title"), "lampkeeper");
});

test("they sell a lamp with a photo and two options", async () => {
  const { page } = seller;
  await page.setInputFiles("#files", await photo(page));
  await page.fill("#title", TITLE);
  await page.selectOption("#category", { index: 1 });
  await page.fill("#description", "Found at the old market.\nIt lights.");
  for (const [number, [name, values]] of [["Colour", "Red, Blue"], ["Size", "S, L"]].entries()) {
    await page.click("#add-option");
    await page.fill(`#option-${number}-name`, name);
    await page.fill(`#option-${number}-text`, values);
  }
  assert.equal(await page.locator("#variants tr").count(), 4);
  await page.fill("[name='variants.0.price']", "12000");
  await page.fill("[name='variants.0.stock']", "3");
  await page.click("#fill-all");
  await page.locator("#photos progress[hidden]").waitFor({ state: "attached" });
  await seller.look();
  // A link of the menu and back, and the other language: nothing of it is lost.
  await page.click("#menu a[href='/orders.html']");
  await page.waitForURL(/orders\.html/);
  await page.goBack();
  for (const language of ["ko", "en"]) {
    await page.locator("#photos img").waitFor();
    await page.click(".language");
    await page.waitForFunction((now) => document.documentElement.lang === now, language);
  }
  await page.locator("#photos img").evaluate((image) => image.decode());
  await page.waitForFunction(() => document.getElementById("category").value !== "");
  assert.equal(await page.inputValue("#title"), TITLE);
  assert.equal(await page.inputValue("#description"), "Found at the old market.\nIt lights.");
  assert.equal(await page.inputValue("#option-1-text"), "S, L");
  assert.equal(await page.inputValue("[name='variants.3.price']"), "12000");
  await seller.look();
  await page.click("#form button[type=submit]");
  await page.waitForURL(/listing\.html/);
  await page.waitForSelector(".gallery img");
  listing = new URL(page.url()).searchParams.get("id");
  assert.equal(await page.evaluate(() => sessionStorage.getItem("jangteo.draft.listing")), null);
  await seller.look();
  assert.equal(await heading(seller), TITLE, "markup in a title stays text");
  assert.ok(await page.locator(".gallery img").first().evaluate((image) => image.decode().then(() => image.naturalWidth)) > 300);
  await seller.go("/");
  await page.locator("main", { hasText: TITLE }).waitFor();
  assert.equal(await page.textContent(".card-price"), "₩12,000");
  await page.route("**/api/listings?*", async (route) => {
    const answer = await route.fetch();
    const { items, ...more } = await answer.json();
    await route.fulfill({ response: answer, json: { items: [{ ...items[0], prices_differ: true }], ...more } });
  }, { times: 1 });
  await seller.go("/");
  await page.locator(".card-price", { hasText: "from ₩12,000" }).waitFor();
});

test("a guest on a phone finds it, buys it through the payment window, and the stock is down", async () => {
  const { page } = buyer;
  await buyer.go("/");
  await page.locator(`a[href*="${listing}"]`).first().click();
  await page.waitForURL(/listing\.html/);
  await order(buyer, ["Red", "L"], 2);
  assert.equal(await available("Red,L"), 1, "the stock is held before anything is paid");
  await page.click("#pay");
  await pay(buyer, "approve");
  await buyer.look();
  assert.equal(await heading(buyer), "결제가 끝났어요");
  assert.equal(await available("Red,L"), 1);
  await page.locator(".actions a").first().click();
  await page.waitForURL(/order\.html/);
  await page.waitForSelector(".timeline");
  paidOrder = new URL(page.url()).searchParams.get("id");
  await buyer.look();
  assert.equal(await heading(buyer), "결제가 끝났어요");
  assert.match(await page.locator("main").textContent(), /24,000/);
});

test("attack_65 the mail shows the title as text and its link opens the order in another browser", async () => {
  const mail = await cloud.mail(BUYER, "#secret=");
  assert.ok(!mail.html.includes("<b>with</b>"), mail.html);
  const link = mail.text.match(/http\S+#secret=\S+/)[0];
  const other = await Visitor.come(browser, cloud, { locale: "ko-KR" });
  await other.go(link);
  await other.page.waitForSelector(".timeline");
  assert.equal(await heading(other), "결제가 끝났어요");
  assert.ok(!other.page.url().includes("secret"), "the secret leaves the address");
  await other.leave();
  const stranger = await Visitor.come(browser, cloud, { locale: "ko-KR" });
  await stranger.page.goto(`/order.html?id=${paidOrder}`);
  await stranger.page.waitForSelector(".state");
  stranger.expectRefusal(401, "/api/orders/");
  await stranger.look();
  await stranger.leave();
});

test("a declined card takes nothing, and another card pays the same order", async () => {
  const { page } = buyer;
  await order(buyer, ["Blue", "S"]);
  await page.click("#pay");
  await pay(buyer, "limit_exceeded");
  buyer.expectRefusal(402, "/api/payments/confirm");
  await buyer.look();
  assert.equal(await heading(buyer), "결제되지 않았어요");
  assert.match(await page.textContent(".advice"), /한도/, "the buyer is told what to do");
  assert.equal(await available("Blue,S"), 2, "one is still held");
  await page.getByRole("button", { name: "다시 결제하기" }).click();
  await pay(buyer, "approve");
  await buyer.look();
  assert.equal(await heading(buyer), "결제가 끝났어요");
  assert.equal(await available("Blue,S"), 2, "one is sold, not two");
});

test("closing the payment window leaves the order to be paid later", async () => {
  const { page } = buyer;
  await order(buyer, ["Blue", "L"]);
  await page.click("#pay");
  await page.waitForURL(/_local\/toss\/window/);
  await page.click("button.close");
  await page.waitForURL(/pay-return\.html/);
  await page.waitForSelector(".state-mark");
  await buyer.look();
  const draft = () => page.evaluate(() => sessionStorage.getItem("jangteo.draft.checkout"));
  assert.ok((await draft()).includes("김서울"), "whoever changes the order finds what they wrote");
  await page.getByRole("button", { name: "다시 결제하기" }).click();
  await pay(buyer, "approve");
  assert.equal(await heading(buyer), "결제가 끝났어요");
  assert.equal(await draft(), null);
});

test("the checkout takes nothing in before it is prefilled", async () => {
  const { page } = buyer;
  let answer;
  const isAsked = new Promise((resolve) => {
    page.route("**/api/listings/*", (route) => {
      answer = () => route.continue();
      resolve();
    }, { times: 1 });
  });
  const { id: variant } = await variantOf("Red,S");
  await page.goto(`/checkout.html?${new URLSearchParams({ listing, variant, quantity: 1 })}`);
  await isAsked;
  await page.locator("#contact-name").evaluate((field) => field.focus());
  await page.keyboard.type("too early");
  assert.equal(await page.inputValue("#contact-name"), "");
  answer();
  await page.waitForSelector("#form:not([inert])");
  assert.equal(await page.inputValue("#contact-name"), "김서울", "the buyer of before");
  await page.fill("#contact-name", "");
  await page.locator("#contact-name").pressSequentially("in time");
  assert.equal(await page.inputValue("#contact-name"), "in time");
  await buyer.look();
});

test("what was written into the checkout is there again after a look elsewhere", async () => {
  const visitor = await Visitor.come(browser, cloud, { locale: "ko-KR" });
  const { page } = visitor;
  const { id: variant } = await variantOf("Red,S");
  await visitor.go(`/checkout.html?${new URLSearchParams({ listing, variant, quantity: 1 })}`);
  await page.fill("#contact-name", "김서울");
  await page.uncheck("#same");
  await page.fill("#shipping-name", "이부산");
  await page.fill("#shipping-postcode", "03187");
  await page.click("#menu a[href='/order.html']");
  await page.waitForURL(/order\.html/);
  await page.goBack();
  await page.waitForSelector("#form:not([inert])");
  for (const language of ["en", "ko"]) {
    await page.click(".language");
    await page.waitForFunction((now) => document.documentElement.lang === now, language);
    await page.waitForSelector("#form:not([inert])");
  }
  assert.deepEqual(await Promise.all(["#contact-name", "#shipping-name", "#shipping-postcode"].map((field) => page.inputValue(field))),
    ["김서울", "이부산", "03187"]);
  assert.equal(await page.isChecked("#same"), false);
  await visitor.look();
  await visitor.leave();
});

test("what is wrong is told once, beside its field", async () => {
  const { page } = buyer;
  await fillCheckout(buyer, ["Red", "S"]);
  const errors = [
    { pointer: "/contact/phone", detail: "번호가 이상해요." }, { pointer: "/shipping/phone", detail: "번호가 이상해요." },
    { pointer: "/nowhere", detail: "다시 확인해 주세요." },
  ];
  await page.route("**/api/checkouts", (route) => route.fulfill({
    status: 422, contentType: "application/problem+json", json: { code: "request.invalid", detail: "다시 확인해 주세요.", errors },
  }), { times: 1 });
  await page.click("#form button[type=submit]");
  await page.locator("#contact-phone:focus").waitFor();
  assert.equal(await page.textContent("#form .field-error"), "번호가 이상해요.");
  assert.equal(await page.textContent("#form > .form-error"), "다시 확인해 주세요.");
  buyer.expectRefusal(422, "/api/checkouts");
  await buyer.look();
});

test("who changes an order of the last one keeps what they hold", async () => {
  const { page } = buyer;
  assert.equal(await available("Red,L"), 1);
  await order(buyer, ["Red", "L"]);
  await page.click("#edit");
  await page.fill("#shipping-detail", "4층");
  await page.click("#form button[type=submit]");
  await page.locator("#payment-error", { hasText: "그대로 있어요" }).waitFor();
  buyer.expectRefusal(409, "/api/checkouts");
  await buyer.look();
  await picture(page, "still-held-360");
  await page.click("#pay");
  await pay(buyer, "approve");
  assert.equal(await heading(buyer), "결제가 끝났어요");
});

test("a confirmation that is throttled is not told as a refusal", async () => {
  const { page } = buyer;
  await order(buyer, ["Blue", "L"]);
  await page.click("#pay");
  await page.waitForURL(/_local\/toss\/window/);
  await page.route("**/api/payments/confirm", (route) => route.fulfill({
    status: 429, contentType: "application/problem+json", json: { code: "request.rate_limited", detail: "잠시 뒤에" },
  }), { times: 1 });
  await page.check("input[value=approve]");
  await page.click("button.pay");
  await page.locator(".state[role=alert]", { hasText: "잠시 뒤에" }).waitFor();
  buyer.expectRefusal(429, "/api/payments/confirm");
  assert.equal(await heading(buyer), "결제사에 확인하고 있어요");
  await buyer.look();
  await page.getByRole("button", { name: "다시 시도" }).click();
  await page.waitForSelector(".state-mark");
  assert.equal(await heading(buyer), "결제가 끝났어요");
});

/** The card of an order in the list of the store. */
async function sale(id) {
  await seller.go("/store-orders.html");
  const card = seller.page.locator(`[data-order="${id}"]`);
  await card.waitFor();
  return card;
}

test("the store ships what was paid, and the buyer confirms that it came", async () => {
  const { page } = seller;
  const told = await cloud.mail(SELLER, `#${paidOrder}`);
  await seller.go(told.text.match(/http\S+store-orders\S+/)[0]);
  await page.locator(`[data-order="${paidOrder}"]`).waitFor();
  await page.waitForFunction((id) => Math.abs(document.getElementById(id).getBoundingClientRect().top) < 300, paidOrder);
  let card = await sale(paidOrder);
  await picture(page, "store-orders-1280");
  await page.setViewportSize({ width: 360, height: 740 });
  await seller.look();
  await picture(page, "store-orders-360");
  await page.setViewportSize({ width: 1280, height: 900 });
  await card.locator("[data-action=prepare]").click();
  await card.locator("[data-action=ship]").click();
  await page.fill("#tracking_number", "654");
  await page.click("dialog button[type=submit]");
  await page.locator("dialog .field-error").waitFor();
  await page.fill("#tracking_number", "6543-2109-8765");
  await seller.look();
  await page.click("dialog button[type=submit]");
  await page.locator("dialog").waitFor({ state: "detached" });
  await card.locator("[data-action=deliver]").waitFor();
  const mail = await cloud.mail(BUYER, "654321098765");
  await buyer.go(mail.text.match(/http\S+#secret=\S+/)[0]);
  await buyer.page.locator(".tracking-number", { hasText: "654321098765" }).waitFor();
  await buyer.look();
  await picture(buyer.page, "order-shipped-360");
  assert.equal(await heading(buyer), "배송 중이에요");
  assert.equal(await buyer.page.locator(".progress-line [aria-current=step]").textContent(), "배송 중");
  card = await sale(paidOrder);
  await card.locator("[data-action=deliver]").click();
  await page.click("dialog button[type=submit]");
  await page.locator("dialog").waitFor({ state: "detached" });
  await buyer.go(`/order.html?id=${paidOrder}`);
  await buyer.page.click("[data-action=confirm_receipt]");
  await buyer.look();
  await buyer.page.click("dialog button[type=submit]");
  await buyer.page.locator("main h1", { hasText: "구매가 확정됐어요" }).waitFor();
  await buyer.look();
});

test("the buyer calls a paid order off and gets the money back", async () => {
  const { page } = buyer;
  const before = await available("Blue,L");
  await order(buyer, ["Blue", "L"]);
  await page.click("#pay");
  await pay(buyer, "approve");
  await page.locator(".actions a").first().click();
  await page.waitForSelector(".timeline");
  const id = new URL(page.url()).searchParams.get("id");
  await page.click("[data-action=cancel]");
  await page.fill("#reason", "다른 곳에서 샀어요");
  await buyer.look();
  await picture(page, "order-cancel-360");
  await page.click("dialog button[type=submit]");
  await page.locator("main h1", { hasText: "취소됐고, 환불하고 있어요" }).waitFor();
  assert.equal(await available("Blue,L"), before, "it is for sale again");
  await cloud.ask("/_local/tick", {});
  await buyer.go(`/order.html?id=${id}`);
  await page.locator("main h1", { hasText: "취소됐어요" }).waitFor();
  assert.match(await page.locator("main").textContent(), /12,000원|15,000원/);
  await picture(page, "order-refunded-360");
  const card = await sale(id);
  assert.match(await card.textContent(), /다른 곳에서 샀어요/);
  assert.equal(await card.locator("[data-action]").count(), 0);
});

test("a store calls an order off, and tells why", async () => {
  const { page } = seller;
  await order(buyer, ["Blue", "L"]);
  await buyer.page.click("#pay");
  await pay(buyer, "approve");
  await page.goto("/store-orders.html?status=paid");
  const card = page.locator("[data-order]").first();
  await card.locator("[data-action=cancel]").click();
  await page.click("dialog button[type=submit]");
  await page.locator("dialog .field-error").waitFor();
  await page.fill("#reason", "It broke on the way to the post office.");
  await page.click("dialog button[type=submit]");
  await page.locator("dialog").waitFor({ state: "detached" });
  await seller.look();
  const mail = await cloud.mail(BUYER, "It broke on the way");
  assert.ok(mail.text.includes("#secret="), "the buyer can look at it");
});

test("an order that is not paid in time expires and gives its stock back", async () => {
  const { page } = buyer;
  await order(buyer, ["Red", "S"]);
  assert.equal(await available("Red,S"), 2);
  const { id } = await page.evaluate(() => JSON.parse(sessionStorage.getItem("jangteo.held")));
  await cloud.ask("/_local/clock", { advance_s: 3600 });
  await cloud.ask("/_local/tick", {});
  await buyer.go(`/order.html?id=${id}`);
  await page.waitForSelector(".timeline");
  assert.equal(await heading(buyer), "결제 시간이 지나 취소됐어요");
  assert.equal(await available("Red,S"), 3);
});

test("who comes back to a long list finds their place", async () => {
  const visitor = await Visitor.come(browser, cloud, { locale: "ko-KR" });
  const { page } = visitor;
  const { items: [card] } = await cloud.ask("/api/listings?limit=1");
  await page.route("**/api/listings?*", (route) => {
    const query = new URL(route.request().url()).searchParams;
    const [from, limit] = [Number(query.get("cursor") ?? 0), Number(query.get("limit"))];
    const items = Array.from({ length: Math.min(limit, 40 - from) }, (_, at) => ({ ...card, id: `${card.id}${from + at}`, title: `상품 ${from + at}` }));
    return route.fulfill({ json: { items, next_cursor: from + limit < 40 ? String(from + limit) : null } });
  });
  await visitor.go("/");
  await page.getByRole("button", { name: "더 보기" }).click();
  await page.locator(".card", { hasText: "상품 23" }).scrollIntoViewIfNeeded();
  const place = await page.evaluate(() => scrollY);
  assert.ok(place > 1000, `scrolled to ${place}`);
  await page.evaluate(() => document.querySelector("#menu a[href='/order.html']").click());
  await page.waitForURL(/order\.html/);
  await page.goBack();
  await page.locator(".card", { hasText: "상품 23" }).waitFor();
  // The line that told of more is gone.
  await page.waitForFunction((before) => Math.abs(scrollY - before) < 100, place);
  assert.equal(await page.locator(".card").count(), 24);
  await visitor.leave();
});

test("every page fits 360 px, in both languages, without a complaint of the browser", async () => {
  for (const [locale, language, word] of [["ko-KR", "ko", "장터"], ["en-US", "en", "Jangteo"]]) {
    const visitor = await Visitor.come(browser, cloud, { locale });
    for (const path of ["/", `/listing.html?id=${listing}`, "/sign-up.html", "/sign-in.html", "/sell.html",
      "/checkout.html", "/pay-return.html", "/order.html", "/orders.html", "/404.html"]) {
      await visitor.page.goto(path);
      const seen = await visitor.look();
      assert.equal(seen.language, language, path);
      assert.match(await visitor.page.title(), new RegExp(word), path);
      const shown = await visitor.page.locator("main").innerText();
      assert.ok(language === "ko" ? /[가-힣]/.test(shown) : !/[가-힣]/.test(shown), `${path} in ${language}: ${shown}`);
    }
    await visitor.page.goto("/");
    await visitor.page.locator(".language").click();
    await visitor.page.waitForFunction((before) => document.documentElement.lang !== before, language);
    await visitor.look();
    await visitor.leave();
  }
});

test("every page of the local cloud fits a phone without a complaint of the browser", async () => {
  const visitor = await Visitor.come(browser, cloud, { locale: "en-US" });
  for (const path of ["/_local/", "/_local/mailbox.html", "/_local/requests.html", "/_local/clock.html",
    "/_local/faults.html", "/_local/books.html", "/docs"]) {
    await visitor.page.goto(path);
    // These pages ask again every few seconds, so they are never idle for long.
    await visitor.look();
  }
  await visitor.leave();
});
