//! What the schedule does to people who withdraw, and that nothing of them is left.

use domain::{auth::AccountState, orders::Contact, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::json;
use shared::store::{
    expression::{Change, Condition},
    listings::{Listing, Stock, StockMove},
    orders::{By, StoredOrder},
    outbox::OutboxEvent,
    users::{EmailOwner, NicknameOwner, User},
};
use testkit::{KilledAfter, TestApp, TestUser};

use crate::leaving::{
    ERASE, PAY, RECEIVE, assert_erased, deliver_mail, furnish, hold, offer, place, stored, sweep_pictures, tick,
    traces, walk, withdraw,
};

/// How many listings a buyer sees.
async fn listed(app: &TestApp) -> usize {
    app.table().list_cards(None, 100, None).await.unwrap().items.len()
}

/// A person with everything, who bought something that has come to its end, and withdrew.
async fn withdrawn(app: &TestApp, nickname: &str, lamp: &Listing) -> (TestUser, StoredOrder) {
    let person = app.user(nickname).await;
    furnish(app, &person).await;
    let order = place(app, &person, lamp).await;
    let order = walk(app, walk(app, order, &PAY).await, &RECEIVE).await;
    let answer = withdraw(app, &person).send().await;
    assert_eq!(answer.status, 202, "{:?}", answer.body);
    deliver_mail(app).await;
    (person, order)
}

#[tokio::test]
async fn after_seven_days_nothing_is_left_but_what_the_books_need() {
    let app = TestApp::start(&users::SERVICE).await;
    let seller = app.user("seller").await;
    let lamp = offer(&app, &seller, 9).await;
    let (mina, order) = withdrawn(&app, "minakim", &lamp).await;
    let (said, _) = traces(&app, &mina);
    for kind in
        ["address", "email_code", "email_owner", "listing", "login", "login_owner", "nickname_owner", "order", "user"]
    {
        assert!(said.contains(kind), "{kind} is not among {said:?}: the test would prove nothing");
    }

    app.advance(Seconds(7 * 86_400 - 1));
    tick(&app).await;
    assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Withdrawing, "not a second too early");
    app.advance(Seconds(1));
    tick(&app).await;
    assert_erased(&app, &mina);

    let kept: StoredOrder = app.table().get_order(order.id).await.unwrap().unwrap();
    assert_eq!(kept.contact, Contact::erased());
    assert_eq!(
        (&kept.lines, kept.total, kept.buyer, kept.status),
        (&order.lines, order.total, order.buyer, order.status)
    );
    let payment = app.payment_of(&kept).await;
    assert!(payment.key.is_some() && payment.receipt_url.is_none(), "{payment:?}");
    let owners: Vec<String> = app.all::<NicknameOwner>().into_iter().map(|owner| owner.folded).collect();
    assert_eq!(owners, ["seller"]);
    // Everything is free again, for the same person or another.
    let again = app.user("minakim").await;
    assert_ne!(again.id, mina.id);
    tick(&app).await;
    assert!(stored(&app, &again).await.is_some());
}

#[tokio::test]
async fn a_mail_that_has_left_says_nothing_of_whom_it_went_to() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("minakim").await;
    assert_eq!(withdraw(&app, &mina).send().await.status, 202);
    assert!(traces(&app, &mina).0.contains("outbox_event"));
    deliver_mail(&app).await;
    assert!(!traces(&app, &mina).0.contains("outbox_event"));
    assert_eq!(app.all::<OutboxEvent>().len(), 1, "it can still be looked at");
}

#[tokio::test]
async fn wherever_it_is_killed_the_next_run_leaves_nothing() {
    let app = TestApp::start(&users::SERVICE).await;
    let seller = app.user("seller").await;
    let lamp = offer(&app, &seller, 100_000).await;
    let mut waits = 0;
    loop {
        let (person, _) = withdrawn(&app, &format!("person{waits}x"), &lamp).await;
        app.advance(Seconds::days(7));
        let run = app.run_job(ERASE, json!({ "time": app.now() }));
        let outcome = KilledAfter::new(run, waits).await;
        if outcome.is_none() {
            tick(&app).await;
            sweep_pictures(&app).await;
        }
        assert_erased(&app, &person);
        assert!(stored(&app, &person).await.is_none());
        if outcome.is_some() {
            break;
        }
        waits += 1;
    }
    assert!(waits > 20, "it waited only {waits} times: this tests little");
}

#[tokio::test]
async fn what_they_sell_leaves_the_lists_at_once_and_comes_back_with_a_change_of_mind() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let lamp = offer(&app, &mina, 3).await;
    assert_eq!(withdraw(&app, &mina).send().await.status, 202);
    tick(&app).await;
    assert_eq!(listed(&app).await, 0);
    assert!(app.table().get_listing_with_stock(lamp.id).await.unwrap().is_none(), "nor is it there by its address");
    assert!(app.table().get_listings(&[lamp.id]).await.unwrap().is_empty(), "nor can it be bought");

    // As signing in with `cancel_withdrawal` does it.
    let user = stored(&app, &mina).await.unwrap();
    let refused = |_| shared::Fault::new(shared::FaultKind::Corrupt, "too late");
    app.table().transaction().cancel_withdrawal(&user, app.now()).or_else(refused).commit().await.unwrap();
    tick(&app).await;
    assert_eq!(listed(&app).await, 1);
    assert_eq!(app.table().get_listing_with_stock(lamp.id).await.unwrap().unwrap().0, lamp);
    app.advance(Seconds::days(8));
    tick(&app).await;
    let user = stored(&app, &mina).await.unwrap();
    assert_eq!((user.state, user.erase_at), (AccountState::Active, None));
    assert_eq!(listed(&app).await, 1);
}

#[tokio::test]
async fn a_listing_goes_and_what_an_order_has_of_it_stays() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let (sold, unsold) = (offer(&app, &mina, 9).await, offer(&app, &mina, 9).await);
    let order = walk(&app, place(&app, &ben, &sold).await, &PAY).await;
    app.advance(Seconds::days(30));
    assert_eq!(withdraw(&app, &mina).send().await.status, 202);
    deliver_mail(&app).await;
    app.advance(Seconds::days(7));
    tick(&app).await;
    assert_erased(&app, &mina);
    assert!(app.all::<Listing>().is_empty());
    let stock = app.all::<Stock>();
    assert_eq!(stock.iter().map(|one| one.listing_id).collect::<Vec<_>>(), [sold.id], "{}", unsold.id);
    assert_eq!((stock[0].held, stock[0].sold), (0, 2));
    assert_eq!(app.table().get_order(order.id).await.unwrap().unwrap(), order, "the buyer's order is untouched");
}

#[tokio::test]
async fn what_came_under_way_since_holds_it_up_but_not_for_longer_than_thirty_days() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, seller) = (app.user("mina").await, app.user("seller").await);
    let lamp = offer(&app, &seller, 9).await;
    let order = place(&app, &mina, &lamp).await;
    assert_eq!(withdraw(&app, &mina).send().await.status, 202);
    deliver_mail(&app).await;
    // The payment was on its way when they withdrew, and the seller takes one step after another.
    let order = walk(&app, order, &PAY).await;
    deliver_mail(&app).await;
    app.advance(Seconds::days(7));
    tick(&app).await;
    assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Withdrawing);
    let order = walk(&app, order, &RECEIVE[..1]).await;
    app.advance(Seconds(23 * 86_400 - 1));
    tick(&app).await;
    assert_eq!(stored(&app, &mina).await.unwrap().state, AccountState::Withdrawing);
    app.advance(Seconds::days(1));
    tick(&app).await;
    assert_erased(&app, &mina);
    assert_eq!(app.table().get_order(order.id).await.unwrap().unwrap().status, order.status, "the order goes on");
}

#[tokio::test]
async fn what_they_have_sold_holds_it_up_but_not_for_longer_than_thirty_days() {
    let app = TestApp::start(&users::SERVICE).await;
    let (ben, [held, sold, unsold]) = (app.user("ben").await, ["hana", "sora", "una"]);
    let mut sellers = Vec::new();
    for name in [held, sold, unsold] {
        let seller = app.user(name).await;
        let lamp = offer(&app, &seller, 9).await;
        if name == held {
            hold(&app, &lamp, StockMove::Hold).await;
        }
        if name == sold {
            walk(&app, place(&app, &ben, &lamp).await, &PAY).await;
        }
        assert_eq!(withdraw(&app, &seller).send().await.status, 202);
        sellers.push(seller);
    }
    deliver_mail(&app).await;
    app.advance(Seconds::days(7));
    tick(&app).await;
    assert_erased(&app, &sellers[2]);
    app.advance(Seconds(23 * 86_400 - 1));
    tick(&app).await;
    for seller in &sellers[..2] {
        assert_eq!(stored(&app, seller).await.unwrap().state, AccountState::Withdrawing, "they can come back for it");
    }
    app.advance(Seconds::days(1));
    tick(&app).await;
    for seller in &sellers {
        assert_erased(&app, seller);
    }
}

#[tokio::test]
async fn attack_35_a_listing_that_the_index_does_not_show_yet_is_taken_out_of_the_lists_too() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let lamp = offer(&app, &mina, 3).await;
    assert_eq!(withdraw(&app, &mina).send().await.status, 202);
    // The accounts that are due come from two shards of their index, then their listings from another.
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::StaleIndex).after(2)]);
    tick(&app).await;
    app.heal();
    assert!(app.table().get_listing_with_stock(lamp.id).await.unwrap().is_some(), "the index lags");
    app.advance(Seconds::minutes(10));
    tick(&app).await;
    assert!(app.table().get_listing_with_stock(lamp.id).await.unwrap().is_none());
}

#[tokio::test]
async fn an_order_that_moves_at_that_moment_is_stripped_by_the_next_run() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, seller) = (app.user("mina").await, app.user("seller").await);
    let lamp = offer(&app, &seller, 9).await;
    let order = walk(&app, place(&app, &mina, &lamp).await, &PAY).await;
    let stale = StoredOrder { version: order.version - 1, ..order.clone() };
    assert!(!app.table().strip_order(&stale).await.unwrap(), "somebody moved it");
    assert!(app.table().strip_order(&order).await.unwrap());
    // Whoever has read it before cannot write back what it said.
    let row = order.step(RECEIVE[0].0, RECEIVE[0].1, app.now()).unwrap();
    let by = By { now: app.now(), request_id: "late", user_id: None };
    let (writes, _) = app.table().transaction().move_order(&order, row, &by).unwrap();
    assert!(writes.commit().await.is_err());
    assert_eq!(app.table().get_order(order.id).await.unwrap().unwrap().contact, Contact::erased());
}

#[tokio::test]
async fn what_belongs_to_somebody_else_by_now_is_left_alone() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let before = stored(&app, &mina).await.unwrap();
    // An address and a nickname that another person has taken since.
    let other = app.user("ben").await;
    for key in [EmailOwner::key(&mina.email).of_any_kind(), NicknameOwner::key("mina").of_any_kind()] {
        let taken = vec![Change::Set("user_id", other.id.to_string().into())];
        app.table().update(&key, taken, Condition::Present).await.unwrap();
    }
    app.table().forget_email(&before).await.unwrap();
    app.table().forget_nickname(&before).await.unwrap();
    assert_eq!((app.all::<EmailOwner>().len(), app.all::<NicknameOwner>().len()), (2, 2));
}

#[tokio::test]
async fn a_person_who_was_shut_out_is_not_erased() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    assert_eq!(withdraw(&app, &mina).send().await.status, 202);
    let banned = vec![Change::Set("state", AccountState::Banned.as_str().into())];
    app.table().update(&User::key(mina.id), banned, Condition::Present).await.unwrap();
    app.advance(Seconds::days(8));
    tick(&app).await;
    tick(&app).await;
    assert_eq!(app.all::<User>().len(), 1);
    let work_time = shared::api::job::WorkTime::of(60);
    let mut due = app.table().accounts_due(app.now());
    assert_eq!(due.next(&work_time).await.unwrap(), None, "and nobody looks again");
}
