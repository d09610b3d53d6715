//! Placing an order: what it costs, what is held, what is told, and to whom.

mod changed;
mod refused;

use domain::{
    auth::AccountState, ids::StoreId, ledger::Posting, orders::OrderStatus, processes::payment::PaymentState,
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule, toss::Card};
use serde_json::{Value, json};
use shared::store::{
    Kind,
    audit::AuditRow,
    expression::{Change, Condition},
    listings::Stock,
    orders::StoredOrder,
    users::User,
};
use testkit::{START, TestApp, TestRequest};

use crate::steps::{
    Tripwire, captured, cart, checkout, confirm, counted, expire, lamp, line, listing, order, pay, paying, placed,
    start, stock, won,
};

#[tokio::test]
async fn a_guest_gets_an_order_with_its_stock_held_and_what_the_window_needs() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let wire = Tripwire::lay(&app);
    let answer = checkout(&app, &cart(&[line(&goods, 2)]), "key").send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    // The listing and the stock are one read, two half units each. The payment and its place in the due index,
    // the order, the audit row, the stock, what this address holds of everything and of the variant, a look
    // at the listing, the answer that is remembered, and how many orders came from this address are written
    // in one go.
    answer.assert_cost(2, 4, 50);

    let reply = answer.json();
    let (id, checkout_id) = (placed(&answer).id, placed(&answer).checkout);
    let money = |amount: i64| json!({ "amount": amount, "currency": "KRW" });
    let told = &reply["checkout"]["orders"][0];
    assert_eq!(reply["checkout"]["orders"].as_array().unwrap().len(), 1);
    for told in [told, &reply["checkout"]] {
        assert_eq!(told["subtotal"], money(24_000));
        assert_eq!(told["shipping_fee"], money(3_000));
        assert_eq!(told["total"], money(27_000));
        assert_eq!(told["status"], "pending");
        assert_eq!(told["expires_at"], "2026-11-21T09:15:00.000Z");
    }
    assert_eq!(told["lines"][0]["title"], "Oak desk lamp");
    assert_eq!(told["lines"][0]["option_values"], json!(["size 0"]));
    assert_eq!(told["lines"][0]["unit_price"], money(12_000));
    let payment = json!({
        "provider": "toss", "client_key": "test_ck_jangteo", "order_id": checkout_id, "order_name": "Oak desk lamp",
        "amount": money(27_000), "customer_key": null, "window_url": null,
        "success_url": "http://shop.test/pay-return.html", "fail_url": "http://shop.test/pay-return.html",
    });
    assert_eq!(reply["payment"], payment);
    assert_eq!(reply["order_secret"].as_str().unwrap().len(), 43);

    let stored = order(&app, id).await;
    assert_eq!((stored.status, stored.buyer, stored.total), (OrderStatus::Pending, None, won(27_000)));
    assert_eq!((stored.store_id, stored.checkout_id), (StoreId::stall_of(seller.id), checkout_id));
    let payment = paying(&app, &placed(&answer)).await;
    assert_eq!((payment.status, payment.total, payment.captured), (PaymentState::Pending, won(27_000), won(0)));
    assert_eq!(payment.orders.iter().map(|part| part.order_id).collect::<Vec<_>>(), [id]);
    assert_eq!(stock(&app, &goods), (3, 2, 0));
    let rows: Vec<AuditRow> = app.all();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.event.as_str(), row.actor.as_str(), row.from, row.to), ("place", "buyer", None, stored.status));
    assert_eq!((row.order_id, row.at, row.user_id), (id, START, None));
    // Nobody was paid and nobody was told anything yet.
    assert!(app.outbox().is_empty() && app.toss().state().payments().is_empty());
    assert!(!app.items().iter().any(|item| item.is(Kind::POSTING) || item.is(Kind::PAYMENT_OWNER)));
    wire.assert_not_called().await;
}

#[tokio::test]
async fn attack_46_a_member_who_was_banned_signed_out_or_withdraws_orders_nothing_more() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    for (nickname, change) in [
        ("mina", Change::Set("state", AccountState::Banned.as_str().into())),
        ("ben", Change::Set("state", AccountState::Withdrawing.as_str().into())),
        ("cara", Change::Add("epoch", 1)),
    ] {
        let member = app.user(nickname).await;
        app.table().update(&User::key(member.id), vec![change], Condition::Present).await.unwrap();
        let answer = checkout(&app, &cart(&[line(&goods, 1)]), nickname).as_user(&member).send().await;
        answer.assert_refused(401, "auth.sign_in_needed");
    }
    assert!(app.all::<StoredOrder>().is_empty() && app.all::<Stock>().iter().all(|stock| stock.held == 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_76_of_guests_orders_from_one_home_120_are_placed_in_an_hour() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 999).await;
    let mina = app.user("mina").await;
    let anywhere = |key: &str| checkout(&app, &cart(&[line(&goods, 1)]), key);
    // A home has 256 networks of IPv6.
    let order = |number: u8| anywhere(&format!("key-{number}")).from(&format!("2001:db8:1:{number:x}::1"));
    let first = order(0).send().await;
    assert_eq!(first.header("ratelimit-policy"), Some(r#""checkouts-source";q=120;w=3600"#));
    for number in 1..112 {
        assert_eq!(order(number).send().await.status, 201, "{number}");
    }
    let answers = TestRequest::all_at_once((112..128).map(order).collect()).await;
    let too_many = (429, "checkout.too_many_orders".to_owned());
    assert_eq!(counted(&answers), [((201, String::new()), 8), (too_many, 8)].into());
    assert_eq!((app.all::<StoredOrder>().len(), stock(&app, &goods)), (120, (879, 120, 0)));
    app.advance(Seconds(100));
    let answer = order(255).send().await;
    answer.assert_refused(429, "checkout.too_many_orders");
    assert_eq!(answer.retry_after_s(), Some(3_500));
    assert_eq!(answer.header("ratelimit"), Some(r#""checkouts-source";r=0;t=3500"#));
    // What was placed is answered again, and others are not held up: another address, a member, an hour later.
    let again = order(0).send().await;
    assert_eq!((again.is_replayed(), &again.body), (true, &first.body));
    assert_eq!(anywhere("one-more").from("2001:db8:1:100::1").send().await.status, 201);
    assert_eq!(order(255).as_user(&mina).send().await.status, 201);
    app.advance(Seconds(3_500));
    assert_eq!(order(254).send().await.status, 201);
}

#[tokio::test]
async fn attack_76_a_member_places_30_orders_an_hour_from_wherever_they_are() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 999).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let order = |key: &str| checkout(&app, &cart(&[line(&goods, 1)]), key);
    for number in 0..30_u8 {
        let answer = order(&format!("key-{number}")).as_user(&mina).from(&format!("203.0.113.{number}")).send().await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
    }
    let answer = order("one-more").as_user(&mina).from("198.51.100.1").send().await;
    answer.assert_refused(429, "checkout.too_many_orders");
    assert_eq!(stock(&app, &goods), (969, 30, 0));
    assert_eq!(order("one-more").as_user(&ben).send().await.status, 201);
    assert_eq!(order("one-more").send().await.status, 201);
}

#[tokio::test]
async fn a_member_needs_no_secret_and_is_named_to_the_provider_by_an_id_that_says_nothing() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let mina = app.user("mina").await;
    let answer = checkout(&app, &cart(&[line(&goods, 1)]), "key").as_user(&mina).send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    // As for a guest, and the order's place among the member's orders, and a look at the member.
    answer.assert_cost(2, 4, 60);
    let reply = answer.json();
    assert_eq!((&reply["order_secret"], &reply["payment"]["customer_key"]), (&Value::Null, &json!(mina.id)));
    assert_eq!(order(&app, placed(&answer).id).await.buyer, Some(mina.id));
    assert_eq!(app.all::<AuditRow>()[0].user_id, Some(mina.id));
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_never_taken_for_a_guest() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let mina = app.user("mina").await;
    let token = app.token_of(&mina);
    let request = checkout(&app, &cart(&[line(&goods, 1)]), "key");
    for bearer in ["", "banana", &token[..token.len() - 4]] {
        request.clone().bearer(bearer).send().await.assert_refused(401, "auth.sign_in_needed");
    }
    let over = request.bearer(&token).later(Seconds::minutes(10)).send().await;
    over.assert_refused(401, "auth.sign_in_needed");
    assert!(app.all::<StoredOrder>().is_empty());
}

#[tokio::test]
async fn the_order_is_told_and_mailed_in_the_language_of_its_buyer() {
    let (app, seller) = start().await;
    let goods = listing(&app, &seller, "참나무 책상 조명 <b>", &[(won(9_000), 5), (won(8_000), 5)]).await;
    let other = lamp(&app, &seller, 7_000, 5).await;
    let body = cart(&[line(&goods[0], 1), line(&goods[1], 1), line(&other, 1)]);
    let answer = checkout(&app, &body, "ko").language("ko-KR,ko;q=0.9").send().await;
    assert_eq!(answer.json()["payment"]["order_name"], "참나무 책상 조명 <b> 외 2건");
    assert_eq!(order(&app, placed(&answer).id).await.language, domain::Language::Korean);
    let answer = checkout(&app, &body, "en").send().await;
    assert_eq!(answer.json()["payment"]["order_name"], "참나무 책상 조명 <b> and 2 more");
    assert_eq!(order(&app, placed(&answer).id).await.language, domain::Language::English);
}

#[tokio::test]
async fn shipping_is_free_from_50_000_won() {
    let (app, seller) = start().await;
    for (price, fee) in [(49_999, 3_000), (50_000, 0), (50_001, 0)] {
        let goods = lamp(&app, &seller, price, 1).await;
        let answer = checkout(&app, &cart(&[line(&goods, 1)]), &format!("key-{price}")).send().await.json();
        assert_eq!(answer["checkout"]["shipping_fee"]["amount"], fee, "{price}");
        assert_eq!(answer["checkout"]["total"]["amount"], price + fee, "{price}");
        assert_eq!(answer["payment"]["amount"], answer["checkout"]["total"]);
    }
}

#[tokio::test]
async fn goods_of_two_stores_are_two_orders_with_a_shipping_fee_each_and_one_payment() {
    let (app, seller) = start().await;
    let second = app.user("second").await;
    let (one, two) = (lamp(&app, &seller, 20_000, 5).await, lamp(&app, &second, 10_000, 5).await);
    let answer = checkout(&app, &cart(&[line(&one, 1), line(&two, 1), line(&one, 1)]), "key").send().await;
    let told = answer.json();
    let orders: Vec<_> = told["checkout"]["orders"].as_array().unwrap().iter().map(|order| &order["total"]).collect();
    assert_eq!(orders, [&json!(won(43_000)), &json!(won(13_000))]);
    assert_eq!((&told["checkout"]["total"], &told["payment"]["amount"]), (&json!(won(56_000)), &json!(won(56_000))));
    let payment = paying(&app, &placed(&answer)).await;
    let parts: Vec<_> = payment.orders.iter().map(|part| (part.store_id, part.total)).collect();
    let (first, other) = (StoreId::stall_of(seller.id), StoreId::stall_of(second.id));
    assert_eq!(parts, [(first, won(43_000)), (other, won(13_000))]);
    for part in &payment.orders {
        let stored = order(&app, part.order_id).await;
        assert_eq!((stored.store_id, stored.total, stored.shipping_fee), (part.store_id, part.total, won(3_000)));
    }
    // Both are paid by one confirmation, each with a sale of its own.
    let placed = placed(&answer);
    let payment_key = pay(&app, &placed, Card::Approve);
    let paid = confirm(&app, &placed, &payment_key).send().await;
    assert_eq!(paid.status, 200, "{:?}", paid.body);
    let states: Vec<OrderStatus> = app.all::<StoredOrder>().iter().map(|order| order.status).collect();
    assert_eq!((states, app.all::<Posting>().len()), (vec![OrderStatus::Paid; 2], 2));
    assert_eq!(captured(&app), (1, 56_000));
}

#[tokio::test]
async fn two_orders_of_one_checkout_expire_together() {
    let (app, seller) = start().await;
    let second = app.user("second").await;
    let (one, two) = (lamp(&app, &seller, 20_000, 5).await, lamp(&app, &second, 10_000, 5).await);
    checkout(&app, &cart(&[line(&one, 2), line(&two, 3)]), "key").send().await;
    assert_eq!((stock(&app, &one), stock(&app, &two)), ((3, 2, 0), (2, 3, 0)));
    app.advance(Seconds::minutes(15));
    expire(&app).await;
    let states: Vec<OrderStatus> = app.all::<StoredOrder>().iter().map(|order| order.status).collect();
    assert_eq!(states, [OrderStatus::Expired; 2]);
    assert_eq!((stock(&app, &one), stock(&app, &two)), ((5, 0, 0), (5, 0, 0)));
}

#[tokio::test]
async fn attack_19_lines_of_the_same_variant_are_merged_into_one() {
    let (app, seller) = start().await;
    let goods = listing(&app, &seller, "Chair", &[(won(1_000), 9), (won(2_000), 9)]).await;
    let body = cart(&[line(&goods[0], 2), line(&goods[1], 1), line(&goods[0], 3)]);
    let answer = checkout(&app, &body, "key").send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let quantities: Vec<u32> =
        order(&app, placed(&answer).id).await.lines.iter().map(|line| line.quantity.get()).collect();
    assert_eq!(quantities, [5, 1]);
    assert_eq!((stock(&app, &goods[0]), stock(&app, &goods[1])), ((4, 5, 0), (8, 1, 0)));
}

#[tokio::test]
async fn twenty_lines_of_twenty_listings_are_one_order() {
    let (app, seller) = start().await;
    let mut goods = Vec::new();
    for _ in 0..20 {
        goods.push(lamp(&app, &seller, 1_000, 2).await);
    }
    let lines: Vec<Value> = goods.iter().map(|goods| line(goods, 2)).collect();
    let answer = checkout(&app, &cart(&lines), "key").send().await;
    assert_eq!((answer.status, answer.usage.calls), (201, 2), "{:?}", answer.body);
    assert_eq!(answer.json()["checkout"]["total"]["amount"], 43_000);
    assert!(goods.iter().all(|goods| stock(&app, goods) == (0, 2, 0)));
}

#[tokio::test]
async fn attack_35_the_same_request_again_gets_the_same_answer_with_the_same_secret_and_holds_nothing_more() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let request = checkout(&app, &cart(&[line(&goods, 2)]), "key");
    let first = request.clone().send().await;
    let items = app.items().len();
    let again = request.clone().later(Seconds::hours(23)).send().await;
    assert_eq!((again.status, again.is_replayed(), &again.body), (201, true, &first.body));
    assert!(!first.is_replayed() && first.json()["order_secret"].is_string());
    assert_eq!((app.items().len(), stock(&app, &goods)), (items, (3, 2, 0)));
    assert_the_secret_is_stored_nowhere(&app, first.json()["order_secret"].as_str().unwrap());
    // Even when nothing is left, the retry of a request that went through gets its answer.
    assert_eq!(checkout(&app, &cart(&[line(&goods, 3)]), "rest").send().await.status, 201);
    let again = request.send().await;
    assert_eq!((again.is_replayed(), &again.body), (true, &first.body));
}

#[tokio::test]
async fn attack_35_two_guests_with_one_key_do_not_meet_and_a_member_is_told_of_their_own() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 50).await;
    let one = checkout(&app, &cart(&[line(&goods, 1)]), "key").send().await;
    let other = checkout(&app, &cart(&[line(&goods, 2)]), "key").send().await;
    assert_eq!((one.status, other.status, other.is_replayed()), (201, 201, false));
    assert_ne!(placed(&one).id, placed(&other).id);
    let mina = app.user("mina").await;
    assert_eq!(checkout(&app, &cart(&[line(&goods, 1)]), "key").as_user(&mina).send().await.status, 201);
    let reused = checkout(&app, &cart(&[line(&goods, 2)]), "key").as_user(&mina).send().await;
    reused.assert_refused(422, "request.idempotency_key_reused");
}

#[tokio::test]
async fn attack_35_the_same_order_written_in_another_way_is_the_same_request() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let body = cart(&[line(&goods, 2)]);
    let first = checkout(&app, &body, "key").send().await;
    let fields: Vec<String> =
        body.as_object().unwrap().iter().rev().map(|(name, value)| format!("\n \"{name}\" : {value}")).collect();
    let turned = format!("{{{}\n}}", fields.join(","));
    let again = checkout(&app, &body, "key").body("application/json", turned).send().await;
    assert_eq!((again.status, again.is_replayed(), &again.body), (201, true, &first.body));
    assert_eq!(stock(&app, &goods), (3, 2, 0));
}

fn assert_the_secret_is_stored_nowhere(app: &TestApp, secret: &str) {
    let items = app.engines().database().items(&app.config().table).unwrap();
    assert!(!items.iter().any(|item| item.to_string().contains(secret)));
}

#[tokio::test]
async fn attack_35_each_member_and_the_guests_have_their_own_keys() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let request = checkout(&app, &cart(&[line(&goods, 1)]), "key");
    let answers = [
        request.clone().send().await,
        request.clone().as_user(&mina).send().await,
        request.clone().as_user(&ben).send().await,
    ];
    for answer in &answers {
        assert_eq!((answer.status, answer.is_replayed()), (201, false), "{:?}", answer.body);
    }
    assert_eq!(app.all::<StoredOrder>().len(), 3);
    let again = request.as_user(&mina).send().await;
    assert_eq!((again.is_replayed(), &again.body), (true, &answers[1].body));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_35_32_equal_requests_at_once_place_one_order() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 50).await;
    let answers = checkout(&app, &cart(&[line(&goods, 1)]), "key").send_at_once(32).await;
    assert_eq!(counted(&answers), [((201, String::new()), 32)].into());
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(answers.iter().filter(|answer| !answer.is_replayed()).count(), 1);
    assert_eq!((app.all::<StoredOrder>().len(), stock(&app, &goods)), (1, (49, 1, 0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_25_of_64_buyers_of_the_last_piece_one_gets_it_and_the_others_a_clean_answer() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 1).await;
    let requests = (0..64).map(|n| checkout(&app, &cart(&[line(&goods, 1)]), &format!("key-{n}"))).collect();
    let answers = TestRequest::all_at_once(requests).await;
    let refused = (409, "stock.insufficient".to_owned());
    assert_eq!(counted(&answers), [((201, String::new()), 1), (refused, 63)].into());
    assert_eq!((app.all::<StoredOrder>().len(), stock(&app, &goods)), (1, (0, 1, 0)));
}

#[tokio::test]
async fn an_order_whose_confirmation_was_lost_is_there_once_and_its_retry_is_told_of_it() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::TimeOutAfterApply).on("TransactWriteItems")]);
    let request = checkout(&app, &cart(&[line(&goods, 1)]), "key");
    request.clone().may_break().send().await.assert_refused(503, "unavailable");
    app.heal();
    let retry = request.send().await;
    assert_eq!((retry.status, retry.is_replayed()), (201, true));
    assert_eq!((app.all::<StoredOrder>().len(), stock(&app, &goods)), (1, (4, 1, 0)));
}

#[tokio::test]
async fn attack_68_69_when_the_database_breaks_the_answer_and_the_log_tell_nothing_of_the_buyer() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 5).await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let answer = checkout(&app, &cart(&[line(&goods, 1)]), "key").may_break().send().await;
    answer.assert_refused(503, "unavailable");
    app.heal();
    let told = format!("{:?} {}", answer.body, answer.line).to_lowercase();
    for secret in ["mina", "teheran", "0101", "arn:", "jangteo-test-table"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    assert_eq!((app.all::<StoredOrder>().len(), stock(&app, &goods)), (0, (5, 0, 0)));
}
