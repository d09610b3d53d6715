//! Orders, placed through the store, as the tests of this service need them.

use domain::{
    Currency, Language, Money,
    checkout::Quantity,
    ids::{EventId, ListingId, MediaId, OrderId, UserId, VariantId},
    ledger::FeePolicy,
    orders::{Contact, HistoryEntry, OrderLine, Postcode, SellerShare, ShippingAddress},
    payments::{PaymentKey, PaymentProvider},
    processes::{
        Actor,
        sell::{HOLD, SELL, SellEvent},
    },
    text::{AddressLine, Email, ListingTitle, OptionValue, PersonName, Phone},
};
use shared::{
    Failure, Fault, FaultKind, random,
    secrets::{Secret, SecretName},
    store::{
        listings::Stock,
        orders::{Move, Payment, StoredOrder},
    },
    tokens::order_secret::OrderSecrets,
};
use testkit::{TestAnswer, TestApp};

const fn won(amount: i64) -> Money {
    Money { amount, currency: Currency::Krw }
}

pub(crate) async fn start() -> TestApp {
    TestApp::start(&orders::SERVICE).await
}

/// Two lamps for 24,000 won and shipping, placed by this member, or by a guest.
pub(crate) async fn place(app: &TestApp, buyer: Option<UserId>) -> StoredOrder {
    let now = app.now();
    let (listing_id, variant_id) =
        (ListingId::new(now, random::entropy().unwrap()), VariantId::new(now, random::entropy().unwrap()));
    let seller_id = UserId::new(now, random::entropy().unwrap());
    let name = PersonName::parse("Kim Mina").unwrap();
    let phone = Phone::parse("010-1234-5678").unwrap();
    let order = StoredOrder {
        id: OrderId::new(now, random::entropy().unwrap()),
        buyer,
        language: Language::Korean,
        contact: Contact { name: name.clone(), phone: phone.clone(), email: Email::parse("mina@example.com").unwrap() },
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
            title: ListingTitle::parse("Oak desk lamp").unwrap(),
            option_values: vec![OptionValue::parse("white").unwrap()],
            quantity: Quantity::new(2).unwrap(),
            unit_price: won(12_000),
            total: won(24_000),
            picture: Some(format!("/pictures/{}/320.jpg", MediaId::new(now, random::entropy().unwrap()))),
        }],
        sellers: vec![SellerShare { seller_id, subtotal: won(24_000), shipping_share: won(3_000) }],
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
    let refused = |_, _| Fault::new(FaultKind::Corrupt, "the test's stock is gone");
    let how = how(app, "place");
    app.table().transaction().create(&stock).commit().await.unwrap();
    app.table().transaction().open_order(&order, &how, refused).commit().await.unwrap();
    order
}

/// Takes the order along these steps of its process, a second after another.
pub(crate) async fn walk(app: &TestApp, order: &StoredOrder, steps: &[(SellEvent, Actor)]) -> StoredOrder {
    let mut order = order.clone();
    for (number, (event, actor)) in steps.iter().enumerate() {
        let now = app.now();
        let row = order.step(*event, *actor, now).unwrap();
        let mut next = order.moved(row, now);
        if *event == SellEvent::BeginConfirmation {
            next.payment.key = Some(PaymentKey::parse("tviva-secret-payment-key").unwrap());
        }
        if *event == SellEvent::Approve {
            next.paid_at = Some(now);
        }
        let name = format!("step-{number}");
        let how = how(app, &name);
        let raced = || Failure::Broken(Fault::new(FaultKind::Contention, "nobody else is here"));
        app.table().transaction().move_order(&order, row, &next, &how, raced).commit().await.unwrap();
        order = next;
    }
    order
}

fn how<'a>(app: &TestApp, request_id: &'a str) -> Move<'a> {
    let event_id = EventId::new(app.now(), random::entropy().unwrap());
    Move { now: app.now(), request_id, user_id: None, posting: None, event_id }
}

/// The secret that a guest was told when the order was placed.
pub(crate) fn secret_of(app: &TestApp, order: &StoredOrder) -> String {
    let name = format!("{}{}", app.config().secrets_prefix, SecretName::OrderKey.parameter());
    let key = Secret::new(app.engines().secrets().get(&name).unwrap());
    OrderSecrets::new(&key).unwrap().of(order.id)
}

/// Everything that an answer tells the world, save the id of the request and how often the caller has
/// been wrong.
pub(crate) fn told(answer: &TestAnswer) -> (u16, Vec<(&'static str, String)>, String) {
    let of_the_caller = ["x-request-id", "ratelimit", "ratelimit-policy"];
    let headers = answer.headers.iter().filter(|(name, _)| !of_the_caller.contains(name)).cloned().collect();
    let id = answer.header("x-request-id").unwrap().to_owned();
    (answer.status, headers, String::from_utf8(answer.body.to_vec()).unwrap().replace(&id, "…"))
}
