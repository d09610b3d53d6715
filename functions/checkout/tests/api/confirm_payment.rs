//! Coming back from the payment window: when there is money there is an order, and the other way
//! round.

mod hostile;
mod killed;
mod refused;
mod unknown;

use domain::{
    ids::StoreId,
    ledger::{Account, Posting, balances},
    orders::OrderStatus,
    payments::PaymentProvider,
    processes::{Notice, payment::PaymentState},
    timestamp::Seconds,
};
use engines::toss::{Card, Status};
use serde_json::json;
use shared::store::{
    audit::AuditRow,
    outbox::{Effect, EffectState},
    payments::PaymentOwner,
};
use testkit::{START, TestAnswer, TestApp};

use crate::steps::{
    Goods, Placed, Tripwire, captured, come_to_rest, confirm, counted, expire, lamp, order, pay, paying, payment,
    place, reconcile, start, stock, won,
};

/// The order is paid by this payment: once, and by everything that says so.
async fn assert_paid(app: &TestApp, placed: &Placed, payment_key: &str) {
    let (stored, paid) = (order(app, placed.id).await, paying(app, placed).await);
    assert_eq!((stored.status, paid.status), (OrderStatus::Paid, PaymentState::Captured));
    assert_eq!(paid.key.as_ref().map(|key| key.as_str()), Some(payment_key));
    assert_eq!((paid.captured, paid.held), (paid.total, None));
    assert_eq!((payment(app, payment_key).status, payment(app, payment_key).captured), (Status::Done, stored.total));
    let postings: Vec<Posting> = app.all::<Posting>().into_iter().filter(|p| p.order_id() == placed.id).collect();
    assert_eq!(postings.len(), 1, "{postings:?}");
    let events = app.outbox();
    let told = events
        .iter()
        .filter(|event| matches!(event.effect, Effect::MailOrder { order_id, notice: Notice::OrderPaid, .. } if order_id == placed.id));
    assert_eq!(told.count(), 1, "{events:?}");
    let owners: Vec<PaymentOwner> = app.all();
    let owner = owners.iter().find(|owner| owner.payment_key.as_str() == payment_key);
    assert_eq!(owner.map(|owner| owner.checkout_id), Some(placed.checkout));
}

/// The order waits for a payment again, and nothing is left of the one that failed.
async fn assert_payable(app: &TestApp, placed: &Placed, goods: &Goods) {
    let (stored, open) = (order(app, placed.id).await, paying(app, placed).await);
    assert_eq!((stored.status, open.status), (OrderStatus::Pending, PaymentState::Pending));
    assert_eq!((open.key, open.ask_at), (None, None));
    assert_eq!(stock(app, goods).1, stored.lines[0].quantity.get(), "the stock is still held");
    assert!(app.all::<Posting>().is_empty() && app.outbox().is_empty());
}

fn assert_told_paid(answer: &TestAnswer, placed: &Placed) {
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let expected = json!({
        "checkout": {
            "id": placed.checkout, "status": "captured", "total": placed.amount,
            "orders": [{ "id": placed.id, "status": "paid", "total": placed.amount }],
        },
        "payment_state": "paid",
    });
    assert_eq!(answer.json(), expected);
}

#[tokio::test]
async fn an_approved_payment_makes_the_order_paid_sells_the_stock_and_balances_the_books() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 2).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    app.advance(Seconds(30));
    let answer = confirm(&app, &placed, &payment_key).language("ko").send().await;
    assert_told_paid(&answer, &placed);
    // The record of the key and the payment are read, then the order; the attempt is written down with who
    // owns the provider's payment, and is counted; then the payment, the order, its history, the stock and what
    // is held of it, the sale, two notices and the answer; and the order's two places among its store's.
    answer.assert_cost(4, 6, 82);
    assert_paid(&app, &placed, &payment_key).await;

    let stored = order(&app, placed.id).await;
    assert_eq!(stored.paid_at, Some(START.plus(Seconds(30))));
    assert!(paying(&app, &placed).await.receipt_url.is_some_and(|url| url.starts_with("http://toss.test/")));
    let history: Vec<OrderStatus> = stored.history.iter().map(|entry| entry.status).collect();
    assert_eq!(history, [OrderStatus::Pending, OrderStatus::Confirming, OrderStatus::Paid]);
    assert_eq!(stock(&app, &goods), (3, 0, 2));
    // 24,000 of goods and 3,000 of shipping; 5 % of the goods are the marketplace's.
    let expected = [
        ((Account::Provider(PaymentProvider::Toss), "KRW"), 27_000),
        ((Account::StorePayable(StoreId::stall_of(seller.id)), "KRW"), -25_800),
        ((Account::PlatformFees, "KRW"), -1_200),
    ];
    assert_eq!(balances(&app.all::<Posting>()), expected.into());
    // The buyer and the store are told, each by an event of its own.
    let [one, two] = app.outbox().try_into().unwrap();
    let (to_buyer, to_store) = match (&one.effect, &two.effect) {
        (Effect::MailOrder { .. }, Effect::TellStore { .. }) => (one, two),
        _ => (two, one),
    };
    assert_ne!(to_buyer.id, to_store.id);
    let Effect::MailOrder { to, language, notice, .. } = to_buyer.effect else { panic!("{to_buyer:?}") };
    // The language is the one in which the order was placed.
    assert_eq!((to.as_str(), language.tag(), to_buyer.state), ("mina@example.com", "en", EffectState::Pending));
    assert_eq!(notice, Notice::OrderPaid);
    let Effect::TellStore { notice, order_id, .. } = to_store.effect else { panic!("{to_store:?}") };
    assert_eq!((notice, order_id), (Notice::OrderReceived, placed.id));
    let mut rows: Vec<AuditRow> = app.all();
    rows.sort_by_key(|row| (row.at, row.to));
    let steps: Vec<(&str, &str)> = rows.iter().map(|row| (row.event.as_str(), row.actor.as_str())).collect();
    assert_eq!(steps, [("place", "buyer"), ("begin_confirmation", "buyer"), ("approve", "provider")]);
}

#[tokio::test]
async fn a_paid_order_never_expires_and_is_not_asked_about_again() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    assert_told_paid(&confirm(&app, &placed, &payment_key).send().await, &placed);
    let wire = Tripwire::lay(&app);
    come_to_rest(&app).await;
    wire.assert_not_called().await;
    assert_paid(&app, &placed, &payment_key).await;
    assert_eq!(stock(&app, &goods), (4, 0, 1));
}

#[tokio::test]
async fn attack_35_a_repeated_confirmation_gets_the_first_answer_and_captures_nothing() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let payment_key = pay(&app, &placed, Card::Approve);
    let first = confirm(&app, &placed, &payment_key).send().await;
    assert_told_paid(&first, &placed);
    let items = app.items().len();
    let wire = Tripwire::lay(&app);
    let again = confirm(&app, &placed, &payment_key).later(Seconds::hours(1)).send().await;
    assert_eq!((again.status, &again.body, again.is_replayed()), (200, &first.body, true));
    // A browser that reloaded the page has another key, and is told the same; that answer is kept too.
    let reloaded = confirm(&app, &placed, &payment_key).idempotency_key("reloaded").send().await;
    assert_eq!((reloaded.status, &reloaded.body, reloaded.is_replayed()), (200, &first.body, false));
    wire.assert_not_called().await;
    assert_eq!((app.items().len(), captured(&app)), (items + 1, (1, 15_000)));
}

#[tokio::test]
async fn attack_35_two_guests_with_one_key_each_get_what_they_asked_for() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (one, two) = (place(&app, &goods, 1).await, place(&app, &goods, 2).await);
    let first = pay(&app, &one, Card::Approve);
    assert_told_paid(&confirm(&app, &one, &first).idempotency_key("key").send().await, &one);
    let second = pay(&app, &two, Card::Approve);
    let other = confirm(&app, &two, &second).idempotency_key("key").send().await;
    assert_told_paid(&other, &two);
    assert!(!other.is_replayed());
    let again = confirm(&app, &one, &first).idempotency_key("key").send().await;
    assert!(again.is_replayed(), "{:?}", again.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_36_16_confirmations_at_once_capture_once() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    for same_key in [true, false, true, false] {
        let placed = place(&app, &goods, 1).await;
        let payment_key = pay(&app, &placed, Card::Approve);
        let requests = (0..16).map(|n| {
            let request = confirm(&app, &placed, &payment_key);
            if same_key { request } else { request.idempotency_key(&format!("key-{n}-{payment_key}")) }
        });
        let answers = testkit::TestRequest::all_at_once(requests.map(testkit::TestRequest::may_break).collect()).await;
        // Whoever comes while the provider is being asked is told to look again.
        for answer in &answers {
            let told = counted(&answers);
            assert!(matches!(answer.status, 200 | 202), "{told:?} {:?}", answer.fault);
        }
        assert!(answers.iter().any(|answer| answer.status == 200), "{:?}", counted(&answers));
        reconcile(&app).await;
        assert_paid(&app, &placed, &payment_key).await;
    }
    assert_eq!((captured(&app), stock(&app, &goods)), ((4, 60_000), (1, 0, 4)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_15_an_order_that_is_paid_by_two_windows_at_once_is_paid_by_one() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let placed = place(&app, &goods, 1).await;
    let keys: Vec<String> = (0..8).map(|_| pay(&app, &placed, Card::Approve)).collect();
    let requests = keys.iter().map(|key| confirm(&app, &placed, key)).collect();
    let answers = testkit::TestRequest::all_at_once(requests).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{:?}", counted(&answers));
    assert_eq!(captured(&app), (1, 15_000));
    let key = paying(&app, &placed).await.key.unwrap();
    assert_paid(&app, &placed, key.as_str()).await;
    expire(&app).await;
    assert_eq!(order(&app, placed.id).await.total, won(15_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_35_one_key_for_two_orders_at_once_leaves_no_money_without_its_order() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 50).await;
    for round in 0..8 {
        let orders = [place(&app, &goods, 1).await, place(&app, &goods, 1).await];
        let keys = [pay(&app, &orders[0], Card::Approve), pay(&app, &orders[1], Card::Approve)];
        let key = format!("key-{round}");
        let requests =
            orders.iter().zip(&keys).map(|(order, paid_by)| confirm(&app, order, paid_by).idempotency_key(&key));
        let answers = testkit::TestRequest::all_at_once(requests.collect()).await;
        let told: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        // Guests cannot be told apart, so each request has a record of its own under the key.
        assert_eq!(told, [200, 200], "{:?}", counted(&answers));
        app.advance(Seconds(60));
        reconcile(&app).await;
        for (placed, payment_key) in orders.iter().zip(&keys) {
            let is_paid = order(&app, placed.id).await.status == OrderStatus::Paid;
            assert_eq!(is_paid, payment(&app, payment_key).status == Status::Done);
        }
        app.advance(Seconds::minutes(15));
        expire(&app).await;
        assert_eq!(stock(&app, &goods).1, 0);
    }
}
