//! Effects in the outbox, written as their causes write them, and the stream that carries them.

use domain::{
    Currency, Language, Money,
    auth::CodePurpose,
    checkout::Quantity,
    ids::{EmailCodeId, EventId, ListingId, OrderId, UserId, VariantId},
    ledger::FeePolicy,
    orders::{Contact, HistoryEntry, OrderLine, Postcode, ShippingAddress},
    payments::{PaymentKey, PaymentProvider},
    processes::{
        Actor,
        sell::{HOLD, SELL, SellEvent},
    },
    text::{AddressLine, Email, ListingTitle, PersonName, Phone},
};
use engines::{Engine, FaultKind, FaultRule, StreamRecord};
use serde_json::{Value, json};
use shared::{
    Failure, Fault,
    api::job::JobReport,
    random,
    secrets::{Secret, SecretName},
    store::{
        listings::Stock,
        orders::{Move, Payment, StoredOrder},
        outbox::{Effect, EffectState, OutboxEvent},
    },
    tokens::{email_code, order_secret::OrderSecrets},
};
use testkit::TestApp;

pub(crate) const DELIVER: &str = "notifications.deliver_outbox";
pub(crate) const SWEEP: &str = "notifications.sweep_outbox";

pub(crate) const fn won(amount: i64) -> Money {
    Money { amount, currency: Currency::Krw }
}

pub(crate) async fn start() -> TestApp {
    TestApp::start(&notifications::SERVICE).await
}

/// Two pieces of something, paid just now by this member, or by a guest. Its mail is in the outbox.
pub(crate) async fn paid(
    app: &TestApp,
    buyer: Option<UserId>,
    to: &str,
    language: Language,
    title: &str,
) -> StoredOrder {
    let order = place(app, buyer, to, language, title).await;
    let mut order = order;
    for event in [(SellEvent::BeginConfirmation, Actor::Buyer), (SellEvent::Approve, Actor::Provider)] {
        let row = order.step(event.0, event.1, app.now()).unwrap();
        let mut next = order.moved(row, app.now());
        next.payment.key = Some(PaymentKey::parse("tviva").unwrap());
        let raced = || Failure::Broken(Fault::new(shared::FaultKind::Contention, "nobody else is here"));
        app.table().transaction().move_order(&order, row, &next, &how(app), raced).commit().await.unwrap();
        order = next;
    }
    order
}

/// A guest's paid order, with its mail to this address.
pub(crate) async fn paid_by_guest(app: &TestApp, to: &str) -> StoredOrder {
    paid(app, None, to, Language::English, "Oak desk lamp").await
}

async fn place(app: &TestApp, buyer: Option<UserId>, to: &str, language: Language, title: &str) -> StoredOrder {
    let now = app.now();
    let (listing_id, variant_id) =
        (ListingId::new(now, random::entropy().unwrap()), VariantId::new(now, random::entropy().unwrap()));
    let name = PersonName::parse("Kim Mina").unwrap();
    let phone = Phone::parse("010-1234-5678").unwrap();
    let order = StoredOrder {
        id: OrderId::new(now, random::entropy().unwrap()),
        buyer,
        language,
        contact: Contact { name: name.clone(), phone: phone.clone(), email: Email::parse(to).unwrap() },
        shipping: ShippingAddress {
            name,
            phone,
            postcode: Postcode::parse("06236").unwrap(),
            address: AddressLine::parse("12 Teheran-ro").unwrap(),
            address_detail: None,
            memo: None,
        },
        lines: vec![OrderLine {
            listing_id,
            variant_id,
            title: ListingTitle::parse(title).unwrap(),
            option_values: Vec::new(),
            quantity: Quantity::new(2).unwrap(),
            unit_price: won(12_000),
            total: won(24_000),
            picture: None,
        }],
        sellers: Vec::new(),
        subtotal: won(24_000),
        shipping_fee: won(3_000),
        total: won(27_000),
        fee: FeePolicy::new(500).unwrap(),
        status: SELL.start,
        entered_at: now,
        version: 1,
        placed_at: now,
        expires_at: now.plus(HOLD),
        paid_at: None,
        history: vec![HistoryEntry { status: SELL.start, at: now }],
        payment: Payment {
            provider: PaymentProvider::Toss,
            attempt: 0,
            key: None,
            ask_at: None,
            asked: 0,
            receipt_url: None,
        },
    };
    let stock = Stock { listing_id, variant_id, available: 5, held: 0, sold: 0, sold_at: None };
    let refused = |_, _| Fault::new(shared::FaultKind::Corrupt, "the test's stock is gone");
    app.table().transaction().create(&stock).commit().await.unwrap();
    app.table().transaction().open_order(&order, &how(app), refused).commit().await.unwrap();
    order
}

fn how(app: &TestApp) -> Move<'_> {
    let event_id = EventId::new(app.now(), random::entropy().unwrap());
    Move { now: app.now(), request_id: "a-request", user_id: None, posting: None, event_id }
}

/// A code on its way to an address. Answers with its digits.
pub(crate) async fn code(app: &TestApp, to: &str, language: Language) -> String {
    let to = Email::parse(to).unwrap();
    let code_id = EmailCodeId::new(app.now(), random::entropy().unwrap());
    let purpose = CodePurpose::SignUp;
    write(app, Effect::MailCode { to: to.clone(), purpose, code_id, language }).await;
    email_code::digits(&app.seal_key(SecretName::EmailCodeKey), code_id, &to, purpose)
}

/// Writes an effect into the outbox.
pub(crate) async fn write(app: &TestApp, effect: Effect) -> OutboxEvent {
    let event = OutboxEvent::new(EventId::new(app.now(), random::entropy().unwrap()), effect, app.now());
    app.table().transaction().create(&event).commit().await.unwrap();
    event
}

/// The secret that a guest was told when the order was placed.
pub(crate) fn secret_of(app: &TestApp, order: &StoredOrder) -> String {
    let name = format!("{}{}", app.config().secrets_prefix, SecretName::OrderKey.parameter());
    let key = Secret::new(app.engines().secrets().get(&name).unwrap());
    OrderSecrets::new(&key).unwrap().of(order.id)
}

/// The new outbox events that the stream has, as the event source mapping's filter lets them through.
pub(crate) fn records(app: &TestApp) -> Vec<Value> {
    let all = app.engines().database().read_stream(&app.config().table, None, 1_000).unwrap();
    all.into_iter().map(|StreamRecord { record, .. }| record).filter(is_new_effect).collect()
}

fn is_new_effect(record: &Value) -> bool {
    record["eventName"] == "INSERT" && record["dynamodb"]["NewImage"]["kind"]["S"] == "outbox_event"
}

/// Delivers these records.
pub(crate) async fn deliver(app: &TestApp, records: &[Value]) -> JobReport {
    let outcome = app.run_job(DELIVER, json!({ "Records": records })).await;
    outcome.unwrap_or_else(|fault| panic!("{}", fault.chain())).0
}

/// Runs the sweep now. Answers how many calls to the database it made, or what broke.
pub(crate) async fn sweep(app: &TestApp) -> Result<u32, Fault> {
    app.run_job(SWEEP, json!({ "time": app.now().to_string() })).await.map(|(_, usage)| usage.calls)
}

/// Runs the sweep now. Answers what it tells the log, and its alarm, of what went wrong.
pub(crate) async fn told_by_sweep(app: &TestApp) -> Option<String> {
    let outcome = app.run_job(SWEEP, json!({ "time": app.now().to_string() })).await;
    told(outcome.unwrap_or_else(|fault| panic!("{}", fault.chain())).1.fault)
}

/// Delivers these records, of which the stream is to bring none again. Answers what is told of it.
pub(crate) async fn told_by_stream(app: &TestApp, records: &[Value]) -> Option<String> {
    let outcome = app.run_job(DELIVER, json!({ "Records": records })).await;
    let (report, usage) = outcome.unwrap_or_else(|fault| panic!("{}", fault.chain()));
    assert_eq!(report, JobReport::default());
    told(usage.fault)
}

/// Attack 69: what is told goes into the log, so it names no address.
fn told(fault: Option<String>) -> Option<String> {
    fault.inspect(|fault| assert!(!fault.contains('@'), "{fault}"))
}

/// The sequence number of a record.
pub(crate) fn number(record: &Value) -> String {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned()
}

/// How many mails an address got.
pub(crate) fn mails(app: &TestApp, to: &str) -> usize {
    app.engines().mailbox().list(Some(to)).len()
}

/// State and attempts of each event, the oldest first.
pub(crate) fn states(app: &TestApp) -> Vec<(EffectState, u32)> {
    app.outbox().iter().map(|event| (event.state, event.attempts)).collect()
}

/// The addresses that rows of the outbox name.
pub(crate) fn named(app: &TestApp) -> Vec<String> {
    let rows = app.items().into_iter().filter(|item| item.is(shared::store::Kind::OUTBOX_EVENT));
    rows.filter_map(|row| row.text("to").map(str::to_owned)).collect()
}

/// From here on SES answers so.
pub(crate) fn mail_fails(app: &TestApp, kind: FaultKind) {
    app.fail(vec![FaultRule::always(Engine::Mail, kind).on("SendEmail")]);
}
