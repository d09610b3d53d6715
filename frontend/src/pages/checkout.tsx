// The checkout page. The buyer says who they are and where the goods go. The server answers with the order, for
// which it holds the stock. Then the buyer pays.

import { signal, useSignal } from "@preact/signals";
import type { ComponentProps } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { attempt, finishAttempt, newKey } from "../api/attempts";
import { anyone, maybeMember, renew, take } from "../api/client";
import { ApiError, ShownError } from "../api/problem";
import type { components } from "../api/schema";
import { type Name, type Written, addressOf, contactOf, fieldPointer, isSameAddress, withAddress, written } from "../checkout/written";
import { useCountdown } from "../kit/countdown";
import { Field, Form, SubmitButton, typed } from "../kit/form";
import { Problem } from "../kit/problem";
import { LoadError, State, errorText } from "../kit/texts";
import { likelyEmail } from "../lib/email-typo";
import { moneyText, timesQuantity } from "../lib/money";
import { tabStore } from "../lib/storage";
import { serverNow } from "../lib/time";
import { deliveryFee, deliveryRule } from "../orders/delivery";
import { PayButton } from "../orders/pay-button";
import { PlaceFields, checkPlace } from "../orders/place-fields";
import type { Order } from "../orders/types";
import { AddressLines, OrderLines, Totals } from "../orders/view";
import { saveOrder, savedOrder, savedOrders, secretHeaders } from "../session/saved-orders";
import { mayRenew, sessionUser, shownUser } from "../session/session";
import { t } from "../texts/texts";
import { startPage } from "./start";

type Listing = components["schemas"]["Listing"];
type PaymentStart = components["schemas"]["PaymentStart"];
type SavedAddress = components["schemas"]["ShownAddress"];

interface Wanted {
  listing: Listing;
  variant: Listing["variants"][number];
  quantity: number;
}

/** An order whose stock is held, as this tab remembers it. */
interface Held {
  id: string;
  until: string | null | undefined;
  /** The purchase that it was made for. */
  search: string;
}

const ATTEMPT = "checkout";
const DRAFT = "draft.checkout";
const HELD = "held";
const query = new URLSearchParams(location.search);

const wanted = signal<Wanted | null>(null);
const failure = signal<unknown>(null);
const form = signal<Written>(written());
/** Until then nothing can be written into the form, for it would be overwritten. */
const isFilled = signal(false);
const addressBook = signal<SavedAddress[]>([]);
const placed = signal<{ order: Order; payment: PaymentStart } | null>(null);
/** What the buyer is told where they pay. */
const notice = signal("");

function write(next: Written): void {
  form.value = next;
  tabStore.set(DRAFT, next);
}

class NothingToOrder extends Error {}

/** The line that is wanted, read from the address and the listing. */
async function readWanted(): Promise<Wanted> {
  const id = query.get("listing");
  if (!id) throw new NothingToOrder();
  const listing = await take(anyone.GET("/listings/{listing_id}", { params: { path: { listing_id: id } } }));
  const variant = listing.variants.find((each) => each.id === query.get("variant"));
  const quantity = Number(query.get("quantity"));
  if (!variant || !Number.isInteger(quantity) || quantity < 1) throw new NothingToOrder();
  return { listing, variant, quantity };
}

/** What is known of a member: without it they write it, as a guest does. */
async function readAddressBook(): Promise<void> {
  if (mayRenew()) await renew().catch(() => null);
  if (sessionUser() === null) return;
  try {
    addressBook.value = (await take(maybeMember.GET("/me/addresses"))).items;
  } catch {
    // They can write the address.
  }
}

async function load(): Promise<void> {
  failure.value = null;
  try {
    [wanted.value] = await Promise.all([readWanted(), readAddressBook()]);
    const before = tabStore.get<Written>(DRAFT);
    const standard = addressBook.value.find((saved) => saved.is_default)?.shipping;
    form.value = before ? { ...written(), ...before } : known(standard);
    isFilled.value = true;
    await resumeHeld();
  } catch (error) {
    failure.value = error;
  }
}

/** What need not be written again: who ordered last on this device, and where a member has goods sent to. */
function known(address?: components["schemas"]["ShippingAddress"]): Written {
  const user = sessionUser();
  const last = savedOrders().find(({ contact, secret }) => contact && Boolean(secret) === (user === null))?.contact;
  const mine = written({
    "contact.name": last?.name ?? address?.name ?? "",
    "contact.phone": last?.phone ?? address?.phone ?? "",
    "contact.email": user?.email ?? last?.email ?? "",
  });
  return address ? withAddress(mine, address) : mine;
}

/** With the same hold still standing, the same order; later, a new one. */
function forgetEndedHold(): void {
  const held = tabStore.get<Held>(HELD);
  if (held?.until && Date.parse(held.until) <= serverNow()) {
    finishAttempt(ATTEMPT);
    tabStore.remove(HELD);
  }
}

/** The same purchase whose stock is still held goes on where it was. Gives whether it does. */
async function resumeHeld(): Promise<boolean> {
  const held = tabStore.get<Held>(HELD);
  if (held?.search !== location.search || !held.until || Date.parse(held.until) <= serverNow()) return false;
  const payment = savedOrder(held.id)?.payment;
  if (!payment) return false;
  const path = { order_id: held.id };
  const order = await take(maybeMember.GET("/orders/{order_id}", { params: { path }, headers: secretHeaders(held.id) })).catch(() => null);
  if (order?.status !== "pending") return false;
  placed.value = { order, payment };
  return true;
}

async function placeOrder(): Promise<void> {
  const line = wanted.value;
  if (line === null) return;
  const now = form.value;
  const body = {
    lines: [{ listing_id: line.listing.id, variant_id: line.variant.id, quantity: line.quantity, expected_price: line.variant.price }],
    contact: contactOf(now),
    shipping: addressOf(now),
  };
  notice.value = "";
  forgetEndedHold();
  try {
    const reply = await attempt(ATTEMPT, body, (key, sent) =>
      take(maybeMember.POST("/checkouts", { params: { header: { "Idempotency-Key": key } }, body: sent })),
    );
    show(reply);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // What there is no more of may be what this tab holds itself, by the order before the change.
    if (error.code === "stock.insufficient" && (await resumeHeld())) {
      notice.value = t("checkout.still_held");
      return;
    }
    if (error.code === "checkout.price_changed" || error.code === "stock.insufficient") await refreshWanted();
    const errors = error.errors.map((each) => ({ ...each, pointer: fieldPointer(each.pointer ?? "", now.same) }));
    throw new ApiError(error.status, error.code, error.message, errors, error.reason);
  }
  if (now.saves) void saveAddress(now);
}

function show({ checkout, order_secret: secret, payment }: components["schemas"]["CreateCheckoutReply"]): void {
  // One listing is bought here, so there is one order.
  const [order] = checkout.orders;
  if (order === undefined) throw new ShownError(t("error.unexpected"));
  const { contact, expires_at, placed_at, total } = order;
  // A replayed answer may leave the secret out; the one that is known stays.
  saveOrder(order.id, { payment, contact, expires_at, placed_at, total, name: payment.order_name, ...(secret && { secret }) });
  tabStore.set(HELD, { id: order.id, until: expires_at, search: location.search } satisfies Held);
  placed.value = { order, payment };
}

async function saveAddress(now: Written): Promise<void> {
  write({ ...now, saves: false });
  const shipping = addressOf(now);
  try {
    const header = { "Idempotency-Key": newKey() };
    const saved = await take(maybeMember.POST("/me/addresses", { params: { header }, body: { shipping } }));
    addressBook.value = [...addressBook.value, saved];
  } catch (error) {
    notice.value = t("checkout.not_saved", { why: errorText(error) });
  }
}

async function refreshWanted(): Promise<void> {
  try {
    wanted.value = await readWanted();
  } catch {
    // What the order was refused for is shown; that is enough.
  }
}

function Summary() {
  const [line, order] = [wanted.value, placed.value?.order];
  if (order) {
    return (
      <>
        <OrderLines lines={order.lines} />
        <Totals {...order} />
      </>
    );
  }
  if (line === null) return <p class="loading">{t("loading")}</p>;
  const { listing, variant, quantity } = line;
  const subtotal = timesQuantity(variant.price, quantity);
  const shown = { listing_id: listing.id, title: listing.title, option_values: variant.option_values, quantity, total: subtotal, picture: listing.pictures[0]?.small ?? null };
  const rule = deliveryRule(subtotal.currency);
  const fee = rule && deliveryFee(rule, subtotal);
  return (
    <>
      <OrderLines lines={[shown]} />
      {rule && fee && (
        <>
          <Totals subtotal={subtotal} shipping_fee={fee} total={{ ...subtotal, amount: subtotal.amount + fee.amount }} />
          <p class="note">{t("checkout.delivery_rule", { fee: moneyText(rule.fee), least: moneyText(rule.freeFrom) })}</p>
        </>
      )}
    </>
  );
}

/** What stands in a field, and what is kept of it as it is typed. */
function fieldOf(name: Name) {
  const change = (event: Event) => write({ ...form.value, texts: { ...form.value.texts, [name]: typed(event) } });
  return { value: form.value.texts[name], onInput: change };
}

function Text({ name, ...more }: Omit<ComponentProps<typeof Field>, "name"> & { name: Name }) {
  return <Field {...more} {...fieldOf(name)} name={name} />;
}

function Check({ id, isOn, label, onChange }: { id: string; isOn: boolean; label: string; onChange: (isOn: boolean) => void }) {
  return (
    <label class="check">
      <input id={id} type="checkbox" checked={isOn} onChange={(event) => onChange(event.currentTarget.checked)} /> <span>{label}</span>
    </label>
  );
}

/** Asks about an address that is likely mistyped: the mail with the order's link would go nowhere. */
function EmailTypo() {
  /** The address that the buyer says is right. */
  const kept = useSignal("");
  const now = form.value.texts["contact.email"];
  const meant = likelyEmail(now);
  if (meant === null || kept.value === now) return null;
  const use = () => write({ ...form.value, texts: { ...form.value.texts, "contact.email": meant } });
  return (
    <div class="tip" role="status" id="email-typo">
      <p>{t("checkout.did_you_mean", { email: meant })}</p>
      <div class="actions">
        <button class="button quiet small" type="button" onClick={use}>
          {t("checkout.use_it")}
        </button>
        <button class="button quiet small" type="button" onClick={() => (kept.value = now)}>
          {t("checkout.keep_it")}
        </button>
      </div>
    </div>
  );
}

function AddressBook() {
  if (addressBook.value.length === 0) return null;
  const now = addressOf(form.value);
  const chosen = addressBook.value.find(({ shipping }) => isSameAddress(shipping, now))?.id ?? "";
  const choose = (id: string) => write(withAddress(form.value, addressBook.value.find((saved) => saved.id === id)?.shipping ?? null));
  return (
    <div class="field">
      <label for="address-book">{t("checkout.address_book")}</label>
      <select id="address-book" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
        {addressBook.value.map(({ id, shipping }) => (
          <option key={id} value={id}>
            {[shipping.name, shipping.address, shipping.address_detail].filter(Boolean).join(" · ")}
          </option>
        ))}
        <option value="">{t("checkout.address_new")}</option>
      </select>
    </div>
  );
}

function OrderForm() {
  const { same, saves } = form.value;
  const user = shownUser.value;
  const isNew = !addressBook.value.some(({ shipping }) => isSameAddress(shipping, addressOf(form.value)));
  return (
    <Form id="form" inert={!isFilled.value} check={checkPlace} onSend={placeOrder}>
      <p id="who" class="note" role="status">
        {user ? t("checkout.member", { nickname: user.nickname }) : t("checkout.guest")}
      </p>
      <fieldset class="sheet">
        <legend>{t("checkout.contact")}</legend>
        <Text name="contact.name" label="field.name" autocomplete="name" maxLength={60} required />
        <Text name="contact.phone" label="field.phone" type="tel" autocomplete="tel" inputMode="tel" maxLength={40} required />
        <Text name="contact.email" label="field.email" type="email" autocomplete="email" inputMode="email" maxLength={254} required />
        <EmailTypo />
      </fieldset>
      <fieldset class="sheet">
        <legend>{t("checkout.shipping")}</legend>
        <AddressBook />
        <Check id="same" isOn={same} label={t("checkout.same")} onChange={(isOn) => write({ ...form.value, same: isOn })} />
        {!same && (
          <div id="recipient">
            <Text name="shipping.name" label="address.recipient" autocomplete="shipping name" maxLength={60} required />
            <Text name="shipping.phone" label="checkout.recipient_phone" type="tel" autocomplete="shipping tel" inputMode="tel" maxLength={40} required />
          </div>
        )}
        <PlaceFields known={(name) => fieldOf(`shipping.${name}`)} />
        {user && isNew && <Check id="saves" isOn={saves} label={t("checkout.save_address")} onChange={(isOn) => write({ ...form.value, saves: isOn })} />}
      </fieldset>
      <SubmitButton class="button large">{t("checkout.submit")}</SubmitButton>
    </Form>
  );
}

function PaymentPart({ order, payment }: { order: Order; payment: PaymentStart }) {
  const title = useRef<HTMLHeadingElement>(null);
  const left = useCountdown(order.expires_at);
  useEffect(() => title.current?.focus(), [order.id]);
  return (
    <section id="payment" class="sheet" aria-labelledby="payment-title">
      <h2 id="payment-title" tabIndex={-1} ref={title}>
        {t("checkout.review")}
      </h2>
      <p id="hold" class="note">
        {left === "" ? t("order.hold_over") : `${t("checkout.held")} ${left === null ? "" : t("order.hold_left", { time: left })}`}
      </p>
      <div>
        <h3>{t("order.address")}</h3>
        <AddressLines shipping={order.shipping} />
      </div>
      <div>
        <h3>{t("checkout.mail_to")}</h3>
        <p>{order.contact.email}</p>
      </div>
      <Problem id="payment-error" text={notice.value} />
      {left !== "" && (
        <PayButton id="pay" class="button large" payment={payment} contact={order.contact} problem={notice}>
          {t("order.pay", { price: moneyText(payment.amount) })}
        </PayButton>
      )}
      <div class="actions">
        <button id="edit" class="button quiet" type="button" onClick={edit}>
          {t("checkout.edit")}
        </button>
      </div>
    </section>
  );
}

/** Back to the form; the hold stays until something is changed, or until it ends. */
function edit(): void {
  placed.value = null;
  requestAnimationFrame(() => document.getElementById("contact-name")?.focus());
}

function isNothing(error: unknown): boolean {
  return error instanceof NothingToOrder || (error instanceof ApiError && [400, 404].includes(error.status));
}

function Checkout() {
  const error = failure.value;
  if (isNothing(error)) {
    return (
      <State title={t("checkout.nothing")}>
        <a class="button" href="/">
          {t("back_home")}
        </a>
      </State>
    );
  }
  if (error !== null) return <LoadError error={error} again={load} />;
  return (
    <div id="checkout" class="checkout">
      <h1>{t("checkout.title")}</h1>
      <section class="sheet summary" aria-labelledby="summary-title">
        <h2 id="summary-title">{t("checkout.summary")}</h2>
        <div id="summary">
          <Summary />
        </div>
      </section>
      {placed.value ? <PaymentPart {...placed.value} /> : <OrderForm />}
    </div>
  );
}

void load();
void startPage(Checkout, {
  ko: () => import("texts:ko:common,forms,address,checkout,order,payment"),
  en: () => import("texts:en:common,forms,address,checkout,order,payment"),
});
