//! Notices of orders: the buyer is mailed, the store's owners are, each in their language, and once.

use domain::{
    Language,
    ids::{EventId, OrderId, StoreId},
    processes::{Notice, Party},
    text::Email,
    timestamp::Seconds,
};
use shared::{
    random,
    store::{
        expression::{Change, Condition},
        orders::StoredOrder,
        outbox::{Effect, EffectState, LEASE, OutboxEvent},
    },
};
use testkit::{KilledAfter, TestApp, TestUser};

use crate::steps::{deliver, mails, paid, records, start, states, sweep, told_by_stream, told_by_sweep, won, write};

const MINA: &str = "mina@example.com";

/// A guest's paid order of goods of this seller; the mail that it is paid has left.
async fn sold_by(app: &TestApp, seller: Option<&TestUser>) -> StoredOrder {
    let order = paid(app, None, MINA, Language::Korean, "참나무 조명").await;
    deliver(app, &records(app)).await;
    assert_eq!(mails(app, MINA), 1);
    let mut sold = order.clone();
    if let Some(seller) = seller {
        sold.store_id = StoreId::stall_of(seller.id);
    }
    app.table().transaction().put(&sold, Condition::Present).commit().await.unwrap();
    sold
}

async fn tell(app: &TestApp, order: &StoredOrder, notice: Notice) {
    for effect in Effect::of_notice(notice, order.id, &order.contact.email, order.language, None) {
        write(app, effect).await;
    }
}

#[tokio::test]
async fn every_notice_reaches_whom_it_is_for_and_nobody_else() {
    for notice in Notice::ALL {
        let app = start().await;
        let ben = app.user("ben").await;
        let order = sold_by(&app, Some(&ben)).await;
        tell(&app, &order, notice).await;
        // A notice for the store leaves as a mail in the next round.
        for _ in 0..2 {
            deliver(&app, &records(&app)).await;
        }
        let expected = |party| usize::from(notice.parties().contains(&party));
        assert_eq!(mails(&app, MINA), 1 + expected(Party::Buyer), "{notice:?}");
        assert_eq!(mails(&app, ben.email.as_str()), expected(Party::Store), "{notice:?}");
        assert!(states(&app).iter().all(|(state, _)| *state == EffectState::Done), "{notice:?}");
    }
}

#[tokio::test]
async fn a_guest_gets_the_link_with_the_secret_and_a_store_the_one_without() {
    let app = start().await;
    let ben = app.user("ben").await;
    let order = sold_by(&app, Some(&ben)).await;
    tell(&app, &order, Notice::OrderCancelled).await;
    for _ in 0..2 {
        deliver(&app, &records(&app)).await;
    }
    let secret = app.secret_of(&order);
    let guest = app.engines().mailbox().list(Some(MINA));
    let [guest, ..] = guest.as_slice() else { panic!("{guest:?}") };
    assert_eq!(guest.subject, "주문이 취소되었습니다");
    assert!(guest.text.contains(&format!("order.html?id={}#secret={secret}", order.id)), "{}", guest.text);
    let store = app.engines().mailbox().list(Some(ben.email.as_str())).remove(0);
    assert_eq!(store.subject, "An order was cancelled", "the owner reads English");
    assert!(!store.text.contains(&secret) && !store.html.contains(&secret));
    assert!(store.text.contains(&order.id.to_string()));
}

#[tokio::test]
async fn a_refund_is_told_with_what_was_given_back() {
    let app = start().await;
    let order = sold_by(&app, None).await;
    let (to, language) = (&order.contact.email, Language::English);
    for effect in Effect::of_notice(Notice::Refunded, order.id, to, language, Some(won(3_500))) {
        write(&app, effect).await;
    }
    deliver(&app, &records(&app)).await;
    let all = app.engines().mailbox().list(Some(MINA));
    let mail = all.iter().find(|mail| mail.subject == "Your money was given back").unwrap();
    assert!(mail.text.contains("Refund: ₩3,500") && !mail.text.contains("₩27,000"), "{}", mail.text);
}

#[tokio::test]
async fn a_notice_to_a_store_whose_owners_address_bounced_ends_and_is_no_mail() {
    let app = start().await;
    let ben = app.user("ben").await;
    let order = sold_by(&app, Some(&ben)).await;
    let trouble = shared::store::suppressions::Trouble::Bounced;
    app.table().note_trouble(&ben.email, trouble, "a-report", app.now()).await.unwrap();
    tell(&app, &order, Notice::OrderReceived).await;
    for _ in 0..2 {
        deliver(&app, &records(&app)).await;
    }
    assert_eq!(mails(&app, ben.email.as_str()), 0);
    assert!(states(&app).iter().all(|(state, _)| *state != EffectState::Pending));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_to_a_store_that_comes_doubled_reversed_and_with_the_sweep_is_one_mail() {
    let app = start().await;
    let ben = app.user("ben").await;
    let order = sold_by(&app, Some(&ben)).await;
    for notice in [Notice::OrderReceived, Notice::ReceiptConfirmed, Notice::ReturnRequested] {
        tell(&app, &order, notice).await;
    }
    app.advance(LEASE);
    for _ in 0..2 {
        let late = records(&app);
        let doubled = [late.clone(), late.clone()].concat();
        let reversed: Vec<_> = late.iter().rev().cloned().collect();
        let (one, two, swept) = tokio::join!(deliver(&app, &doubled), deliver(&app, &reversed), sweep(&app));
        assert!(one.batch_item_failures.is_empty() && two.batch_item_failures.is_empty() && swept.is_ok());
    }
    assert_eq!(mails(&app, ben.email.as_str()), 3);
    assert_eq!(app.outbox().len(), 1 + 3 + 3, "the order's mail, three notices, and a mail for each");
}

#[tokio::test]
async fn a_notice_that_the_stream_lost_reaches_the_store_by_the_sweep() {
    let app = start().await;
    let ben = app.user("ben").await;
    let order = sold_by(&app, Some(&ben)).await;
    tell(&app, &order, Notice::OrderReceived).await;
    for _ in 0..2 {
        app.advance(LEASE);
        assert_eq!(told_by_sweep(&app).await, None);
    }
    assert_eq!(mails(&app, ben.email.as_str()), 1);
}

#[tokio::test]
async fn killed_at_every_await_a_store_is_told_and_never_by_two_effects() {
    let app = start().await;
    let ben = app.user("ben").await;
    let order = sold_by(&app, Some(&ben)).await;
    for waits in 0..200 {
        let before = app.outbox().len();
        tell(&app, &order, Notice::OrderReceived).await;
        let new = records(&app).split_off(before);
        let lived = KilledAfter::new(deliver(&app, &new), waits).await.is_some();
        app.advance(LEASE);
        sweep(&app).await.unwrap();
        assert_eq!(app.outbox().len(), before + 2, "killed after {waits} waits");
        app.advance(LEASE);
        sweep(&app).await.unwrap();
        assert!(states(&app).iter().all(|(state, _)| *state == EffectState::Done), "killed after {waits} waits");
        if lived {
            assert!(waits > 2);
            return;
        }
    }
    panic!("the job does not end");
}

#[tokio::test]
async fn a_store_without_owners_and_an_order_that_is_gone_end_the_notice() {
    let app = start().await;
    let order = sold_by(&app, None).await;
    tell(&app, &order, Notice::OrderReceived).await;
    assert_eq!(told_by_stream(&app, &records(&app)).await, None, "nobody is left to be told");
    let gone = OrderId::new(app.now(), random::entropy().unwrap());
    let event = write(&app, Effect::TellStore { notice: Notice::OrderReceived, order_id: gone, amount: None }).await;
    let told = told_by_stream(&app, &records(&app)).await;
    assert_eq!(told, Some(format!("{} is given up: the order is gone", event.id)));
    assert_eq!(app.engines().mailbox().list(None).len(), 1);
}

#[tokio::test]
async fn what_earlier_versions_wrote_is_still_delivered() {
    let app = start().await;
    let order = sold_by(&app, None).await;
    let to = Email::parse("sora@example.com").unwrap();
    let event = write(&app, Effect::MailOrderPaid { to, order_id: order.id, language: Language::English }).await;
    let item = app.items().into_iter().find(|item| item.text("id") == Some(&event.id.to_string())).unwrap();
    assert_eq!(item.text("effect"), Some("mail_order_paid"), "the name that was written");
    deliver(&app, &records(&app)).await;
    let mail = app.engines().mailbox().list(Some("sora@example.com")).remove(0);
    assert_eq!(mail.subject, "Your order is paid");
}

#[tokio::test]
async fn what_a_later_version_wrote_waits_for_it_and_stops_nobody() {
    let app = start().await;
    let order = sold_by(&app, None).await;
    let event =
        write(&app, Effect::TellStore { notice: Notice::OrderReceived, order_id: order.id, amount: None }).await;
    let later = vec![Change::Set("notice", "order_weighed".into())];
    app.table().update(&OutboxEvent::key(event.id), later, Condition::Present).await.unwrap();
    app.advance(Seconds(1));
    tell(&app, &order, Notice::OrderShipped).await;
    assert!(told_by_stream(&app, &records(&app)).await.is_some());
    assert_eq!(mails(&app, MINA), 2);
    let kept: EventId = event.id;
    let item = app.items().into_iter().find(|item| item.text("id") == Some(&kept.to_string())).unwrap();
    assert_eq!(item.text("state"), Some("pending"));
}
