//! How much is held without being paid: bounded for each holder, and slowed down for those who never pay.

use domain::{
    checkout::holding::{ALWAYS_OF_VARIANT, HoldingRule},
    timestamp::Seconds,
};
use engines::{database::IgnoredCondition, toss::Card};
use serde_json::{Value, json};
use shared::store::Kind;
use testkit::{TestAnswer, TestApp, TestRequest, TestUser};

use crate::steps::{Goods, cart, checkout, confirm, counted, expire, lamp, line, pay, placed, start, stock};

const HOLD: Seconds = Seconds::minutes(15);

async fn lamps(app: &TestApp, seller: &TestUser, kinds: usize, stock: u32) -> Vec<Goods> {
    let mut goods = Vec::new();
    for _ in 0..kinds {
        goods.push(lamp(app, seller, 1_000, stock).await);
    }
    goods
}

fn of_each(goods: &[Goods], quantity: u32) -> Value {
    cart(&goods.iter().map(|goods| line(goods, quantity)).collect::<Vec<_>>())
}

/// What is counted as held, of everything and of each variant, summed up over all holders.
fn counts(app: &TestApp) -> (i64, i64) {
    let sum = |kind| app.items().iter().filter(|item| item.is(kind)).filter_map(|item| item.number("pieces")).sum();
    (sum(Kind::HOLDINGS), sum(Kind::HOLDINGS_OF_VARIANT))
}

#[tokio::test]
async fn attack_76_a_guest_cannot_hold_a_whole_shop_without_paying() {
    let (app, seller) = start().await;
    let goods = lamps(&app, &seller, 20, 99).await;
    // The attack as it was tried: 20 lines of 99 pieces, again and again, for four hours.
    let all = of_each(&goods, 99);
    let answer = checkout(&app, &all, "all").send().await;
    answer.assert_refused(409, "checkout.too_much_held");
    let most: Vec<Goods> = goods.iter().take(6).cloned().collect();
    let (mut placed, mut held_minutes) = (0_u32, 0_u32);
    for minute in 0..240 {
        let answer = checkout(&app, &of_each(&most, 49), &format!("key-{minute}")).send().await;
        placed += u32::from(answer.status == 201);
        held_minutes += u32::from(stock(&app, &goods[0]).1 > 0);
        let (_, held, _) = stock(&app, &goods[0]);
        assert!(held <= 49, "half of what there is: {held}");
        app.advance(Seconds::minutes(1));
        expire(&app).await;
    }
    // Five orders end unpaid in a row; then come waits of 15 and 30 minutes and of an hour.
    assert!(placed <= 8, "{placed} orders in four hours");
    assert!(held_minutes <= 130, "held for {held_minutes} of 240 minutes");
    assert_eq!(counts(&app), (0, 0));
}

#[tokio::test]
async fn of_a_variant_half_may_be_held_and_ten_in_any_case_over_several_orders() {
    let (app, seller) = start().await;
    let (many, few) = (lamp(&app, &seller, 1_000, 60).await, lamp(&app, &seller, 1_000, 12).await);
    let mina = app.user("mina").await;
    let order =
        |goods: &Goods, quantity: u32, key: &str| checkout(&app, &cart(&[line(goods, quantity)]), key).as_user(&mina);
    assert_eq!(order(&many, 20, "1").send().await.status, 201);
    let refused = order(&many, 11, "2").send().await;
    refused.assert_refused(409, "checkout.too_much_held");
    assert_eq!(refused.pointers(), ["/lines/0/quantity"]);
    assert!(refused.problem().errors[0].detail.contains("At most 30"), "{:?}", refused.body);
    assert_eq!(order(&many, 10, "3").send().await.status, 201);
    assert_eq!(order(&few, ALWAYS_OF_VARIANT, "4").send().await.status, 201);
    order(&few, 1, "5").send().await.assert_refused(409, "checkout.too_much_held");
    // Somebody else may have the rest.
    let ben = app.user("ben").await;
    let rest = checkout(&app, &cart(&[line(&few, 2)]), "6").as_user(&ben).send().await;
    assert_eq!((rest.status, stock(&app, &few)), (201, (0, 12, 0)));
    assert_eq!(counts(&app), (42, 42));
}

#[tokio::test]
async fn what_is_paid_or_over_counts_no_more() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 60).await;
    let order = |key: &str| checkout(&app, &cart(&[line(&goods, 5)]), key);
    let first = placed(&order("1").send().await);
    placed(&order("2").send().await);
    assert_eq!(counts(&app), (10, 10));
    let payment_key = pay(&app, &first, Card::Approve);
    assert_eq!(confirm(&app, &first, &payment_key).send().await.status, 200);
    assert_eq!(counts(&app), (5, 5));
    app.advance(HOLD);
    expire(&app).await;
    assert_eq!(counts(&app), (0, 0));
}

async fn lets_it_lapse(app: &TestApp, request: TestRequest<'_>) -> TestAnswer {
    let answer = request.send().await;
    app.advance(HOLD);
    expire(app).await;
    answer
}

#[tokio::test]
async fn attack_76_whoever_never_pays_waits_longer_and_longer_and_a_payment_begins_anew() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 12_000, 60).await;
    let mina = app.user("mina").await;
    let order = |key: &str| checkout(&app, &cart(&[line(&goods, 1)]), key).as_user(&mina);
    for number in 1..=HoldingRule::MEMBER.free_lapses {
        assert_eq!(lets_it_lapse(&app, order(&format!("free-{number}"))).await.status, 201);
    }
    for (number, minutes) in [15, 30, 60, 120, 240, 360, 360].into_iter().enumerate() {
        let refused = order(&format!("early-{number}")).send().await;
        refused.assert_refused(429, "checkout.unpaid_too_often");
        assert_eq!(refused.retry_after_s(), Some(minutes * 60));
        app.advance(Seconds(minutes * 60 - 1));
        order(&format!("still-{number}")).send().await.assert_refused(429, "checkout.unpaid_too_often");
        app.advance(Seconds(1));
        if number < 6 {
            assert_eq!(lets_it_lapse(&app, order(&format!("late-{number}"))).await.status, 201, "{minutes}");
        }
    }
    let paid = placed(&order("paid").send().await);
    let payment_key = pay(&app, &paid, Card::Approve);
    assert_eq!(confirm(&app, &paid, &payment_key).send().await.status, 200);
    for number in 1..=HoldingRule::MEMBER.free_lapses {
        assert_eq!(lets_it_lapse(&app, order(&format!("anew-{number}"))).await.status, 201);
    }
    // Others are not held up by any of it.
    assert_eq!(checkout(&app, &cart(&[line(&goods, 1)]), "guest").send().await.status, 201);
}

/// Forty orders of six pieces at once, by a member who may hold a hundred.
async fn forty_at_once(ignored: &[(&str, &str)]) -> u32 {
    let (app, seller) = start().await;
    let goods = lamps(&app, &seller, 40, 20).await;
    let mina = app.user("mina").await;
    let ignored = ignored.iter().map(|(pk, sk)| IgnoredCondition { pk: (*pk).to_owned(), sk: (*sk).to_owned() });
    app.engines().database().ignore_conditions(ignored.collect());
    // A member places 30 an hour: that is another limit.
    let requests = goods
        .iter()
        .enumerate()
        .take(30)
        .map(|(n, goods)| checkout(&app, &cart(&[line(goods, 6)]), &format!("key-{n}")).as_user(&mina));
    let answers = TestRequest::all_at_once(requests.collect()).await;
    let told = counted(&answers);
    assert!(told.keys().all(|(status, _)| matches!(status, 201 | 409 | 503)), "{told:?}");
    goods.iter().map(|goods| stock(&app, goods).1).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_25_orders_at_once_hold_no_more_than_one_after_the_other() {
    let held = forty_at_once(&[]).await;
    assert!(held <= HoldingRule::MEMBER.pieces && held > 60, "{held}");
    // Without the condition they would.
    assert_eq!(forty_at_once(&[("HOLDER#", "ALL")]).await, 180);
}

/// Ten orders at once of six pieces of one variant of which half may be held, 15 of 30.
async fn ten_of_one_variant(ignored: &[(&str, &str)]) -> u32 {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 1_000, 30).await;
    let ignored = ignored.iter().map(|(pk, sk)| IgnoredCondition { pk: (*pk).to_owned(), sk: (*sk).to_owned() });
    app.engines().database().ignore_conditions(ignored.collect());
    let requests = (0..10).map(|n| checkout(&app, &cart(&[line(&goods, 6)]), &format!("key-{n}")));
    TestRequest::all_at_once(requests.collect()).await;
    stock(&app, &goods).1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_25_of_a_variant_orders_at_once_hold_no_more_than_a_share() {
    assert_eq!(ten_of_one_variant(&[]).await, 12);
    assert_eq!(ten_of_one_variant(&[("HOLDER#", "VARIANT#")]).await, 30);
}

#[tokio::test]
async fn the_names_of_holders_are_ids_and_addresses_and_are_kept_two_days() {
    let (app, seller) = start().await;
    let goods = lamp(&app, &seller, 1_000, 30).await;
    checkout(&app, &cart(&[line(&goods, 1)]), "key").send().await;
    let items = app.items();
    let held: Vec<_> = items.iter().filter(|item| item.is(Kind::HOLDINGS)).collect();
    let [item] = held.as_slice() else { panic!("{held:?}") };
    assert_eq!(item.text("pk"), Some("HOLDER#source:203.0.113.7"));
    assert_eq!(item.number("ttl"), Some(app.now().plus(Seconds::days(2)).seconds()));
    let told = json!(app.all::<shared::store::payments::Payment>()[0].held);
    assert_eq!(told["holder"], "source:203.0.113.7");
}
