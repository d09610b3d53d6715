//! Orders, placed through the store, as the tests of this service need them.

use domain::{
    ids::{MediaId, UserId},
    processes::{Actor, sell::SellEvent},
    text::OptionValue,
};
use shared::{random, store::orders::StoredOrder};
use testkit::{NewOrder, TestAnswer, TestApp};

/// The steps to a paid order.
pub(crate) const PAID: [(SellEvent, Actor); 2] =
    [(SellEvent::BeginConfirmation, Actor::Buyer), (SellEvent::Approve, Actor::Provider)];

pub(crate) async fn start() -> TestApp {
    TestApp::start(&orders::SERVICE).await
}

/// Two lamps for 24,000 won and shipping, placed by this member, or by a guest.
pub(crate) async fn place(app: &TestApp, buyer: Option<UserId>) -> StoredOrder {
    let mut new = NewOrder { buyer, ..app.new_order() };
    let picture = MediaId::new(app.now(), random::entropy().unwrap());
    new.line.picture = Some(format!("/pictures/{picture}/320.jpg"));
    new.line.option_values = vec![OptionValue::parse("white").unwrap()];
    app.place(new).await
}

/// Takes the order along these steps of its process.
pub(crate) async fn walk(app: &TestApp, order: &StoredOrder, steps: &[(SellEvent, Actor)]) -> StoredOrder {
    app.walk(order, steps).await
}

/// The secret that a guest was told when the order was placed.
pub(crate) fn secret_of(app: &TestApp, order: &StoredOrder) -> String {
    app.secret_of(order)
}

/// Everything that an answer tells the world, save the id of the request and how often the caller has
/// been wrong.
pub(crate) fn told(answer: &TestAnswer) -> (u16, Vec<(&'static str, String)>, String) {
    let of_the_caller = ["x-request-id", "ratelimit", "ratelimit-policy"];
    let headers = answer.headers.iter().filter(|(name, _)| !of_the_caller.contains(name)).cloned().collect();
    let id = answer.header("x-request-id").unwrap().to_owned();
    (answer.status, headers, String::from_utf8(answer.body.to_vec()).unwrap().replace(&id, "…"))
}
