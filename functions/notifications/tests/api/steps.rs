//! Effects in the outbox, written as their causes write them, and the stream that carries them.

use domain::{
    Currency, Language, Money,
    auth::CodePurpose,
    ids::{EmailCodeId, EventId, UserId},
    processes::{Actor, sell::SellEvent},
    text::{Email, ListingTitle},
};
use engines::{Engine, FaultKind, FaultRule, StreamRecord};
use serde_json::{Value, json};
use shared::{
    Fault,
    api::job::JobReport,
    random,
    secrets::SecretName,
    store::{
        expression::Condition,
        orders::StoredOrder,
        outbox::{Effect, EffectState, OutboxEvent},
    },
    tokens::email_code,
};
use testkit::{NewOrder, TestApp};

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
    let steps = [(SellEvent::BeginConfirmation, Actor::Buyer), (SellEvent::Approve, Actor::Provider)];
    let order = app.walk(&order, &steps).await;
    // What the store is told has tests of its own.
    for event in app.outbox().iter().filter(|event| matches!(event.effect, Effect::TellStore { .. })) {
        app.table().delete(&OutboxEvent::key(event.id), Condition::Present).await.unwrap();
    }
    order
}

/// A guest's paid order, with its mail to this address.
pub(crate) async fn paid_by_guest(app: &TestApp, to: &str) -> StoredOrder {
    paid(app, None, to, Language::English, "Oak desk lamp").await
}

async fn place(app: &TestApp, buyer: Option<UserId>, to: &str, language: Language, title: &str) -> StoredOrder {
    let mut order = NewOrder { buyer, language, ..app.new_order() };
    order.contact.email = Email::parse(to).unwrap();
    order.line.title = ListingTitle::parse(title).unwrap();
    app.place(order).await
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

/// The new outbox events that the stream has, as the event source mapping's filter lets them through.
pub(crate) fn records(app: &TestApp) -> Vec<Value> {
    let all = app.engines().database().read_stream(&app.config().table, None, 1_000).unwrap();
    // By what the items say, since one may be of a version that this code cannot read.
    let there = app.items();
    let is_there = |record: &Value| {
        let id = record["dynamodb"]["NewImage"]["id"]["S"].as_str();
        there.iter().any(|item| item.is(shared::store::Kind::OUTBOX_EVENT) && item.text("id") == id)
    };
    all.into_iter().map(|StreamRecord { record, .. }| record).filter(is_new_effect).filter(is_there).collect()
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
