//! A member's orders.

use domain::{
    processes::{Actor, sell::SellEvent},
    timestamp::Seconds,
};
use serde_json::Value;
use shared::store::{
    expression::{Change, Condition},
    orders::StoredOrder,
};
use testkit::{TestApp, TestUser};

use crate::steps::{place, start, walk};

async fn page(app: &TestApp, user: &TestUser, query: &str) -> Value {
    let answer = app.get("orders.list_orders").query(query).as_user(user).send().await;
    assert_eq!(answer.status, 200, "{query}: {:?}", answer.body);
    answer.json()
}

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect()
}

/// Orders of a member, the newest first; the first and the fifth are called off.
async fn ordered(app: &TestApp, user: &TestUser, count: usize) -> (Vec<String>, Vec<String>) {
    let (mut all, mut cancelled) = (Vec::new(), Vec::new());
    for number in 0..count {
        let order = place(app, Some(user.id)).await;
        if number % 4 == 0 {
            walk(app, &order, &[(SellEvent::Cancel, Actor::Buyer)]).await;
            cancelled.insert(0, order.id.to_string());
        }
        all.insert(0, order.id.to_string());
        app.advance(Seconds(1));
    }
    (all, cancelled)
}

async fn walked(app: &TestApp, user: &TestUser, filter: &str) -> Vec<String> {
    let (mut all, mut query) = (Vec::new(), format!("limit=2{filter}"));
    loop {
        let page = page(app, user, &query).await;
        all.extend(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        query = format!("limit=2{filter}&cursor={cursor}");
    }
}

#[tokio::test]
async fn pages_make_up_all_orders_of_a_member_or_those_of_one_state_and_nobody_elses() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let (all, cancelled) = ordered(&app, &mina, 8).await;
    place(&app, Some(ben.id)).await;
    place(&app, None).await;
    assert_eq!(walked(&app, &mina, "").await, all);
    assert_eq!(walked(&app, &mina, "&status=cancelled").await, cancelled);
    assert_eq!(walked(&app, &mina, "&status=shipping").await, Vec::<String>::new());
    assert_eq!(ids(&page(&app, &mina, "").await), all);
    let first = &page(&app, &mina, "limit=1").await["items"][0];
    assert_eq!((first["status"].as_str(), first["store_name"].as_str()), (Some("pending"), Some("Oak & Linen")));
}

#[tokio::test]
async fn attack_9_a_cursor_is_good_for_its_member_and_its_state_only() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    ordered(&app, &mina, 3).await;
    ordered(&app, &ben, 3).await;
    let cursor = page(&app, &mina, "limit=1").await["next_cursor"].as_str().unwrap().to_owned();
    for (user, filter) in [(&ben, ""), (&mina, "&status=cancelled")] {
        let query = format!("limit=1{filter}&cursor={cursor}");
        let answer = app.get("orders.list_orders").query(&query).as_user(user).send().await;
        answer.assert_refused(400, "request.cursor_invalid");
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_read_costs_nobody_the_page() {
    let app = start().await;
    let mina = app.user("mina").await;
    let (all, _) = ordered(&app, &mina, 3).await;
    let key = StoredOrder::key(all[1].parse().unwrap());
    app.table().update(&key, vec![Change::Set("lines", "none".into())], Condition::Present).await.unwrap();
    let answer = app.get("orders.list_orders").as_user(&mina).send().await;
    assert_eq!(ids(&answer.json()), [all[0].clone(), all[2].clone()]);
    assert!(answer.line.contains("is left out of a list"), "{}", answer.line);
}
