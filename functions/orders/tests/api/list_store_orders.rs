//! A store's orders.

use domain::{
    ids::StoreId,
    processes::{Actor, sell::SellEvent},
    timestamp::Seconds,
};
use serde_json::Value;
use testkit::{TestApp, TestUser};

use crate::steps::{PAID, start, walk};

async fn page(app: &TestApp, seller: &TestUser, query: &str) -> Value {
    let request = app.get("orders.list_store_orders").path("store_id", StoreId::stall_of(seller.id));
    let answer = request.query(query).as_user(seller).send().await;
    assert_eq!(answer.status, 200, "{query}: {:?}", answer.body);
    answer.json()
}

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect()
}

async fn walked(app: &TestApp, seller: &TestUser, filter: &str) -> Vec<String> {
    let (mut all, mut query) = (Vec::new(), format!("limit=2{filter}"));
    loop {
        let page = page(app, seller, &query).await;
        all.extend(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        query = format!("limit=2{filter}&cursor={cursor}");
    }
}

#[tokio::test]
async fn a_store_sees_what_it_was_paid_for_by_state_with_where_it_goes_to_and_what_it_can_do() {
    let app = start().await;
    let (seller, other) = (app.user("seller").await, app.user("other").await);
    let (mut all, mut preparing) = (Vec::new(), Vec::new());
    for number in 0..7 {
        let mut new = app.new_order();
        new.store_id = StoreId::stall_of(if number == 6 { other.id } else { seller.id });
        let order = app.place(new).await;
        app.advance(Seconds(1));
        if number == 5 {
            continue;
        }
        walk(&app, &order, &PAID).await;
        if number == 6 {
            continue;
        }
        all.insert(0, order.id.to_string());
        if number % 2 == 0 {
            walk(&app, &order, &[(SellEvent::Prepare, Actor::Seller)]).await;
            preparing.insert(0, order.id.to_string());
        }
    }
    assert_eq!(walked(&app, &seller, "").await, all);
    assert_eq!(walked(&app, &seller, "&status=preparing").await, preparing);
    let first = &page(&app, &seller, "status=preparing&limit=1").await["items"][0];
    assert_eq!(first["actions"], serde_json::json!(["cancel", "ship"]));
    assert_eq!(first["shipping"]["address"], "12 Teheran-ro");
}

#[tokio::test]
async fn attack_4_5_nobody_but_its_members_sees_what_a_store_sold() {
    let app = start().await;
    let (seller, other) = (app.user("seller").await, app.user("other").await);
    let request = app.get("orders.list_store_orders").path("store_id", StoreId::stall_of(seller.id));
    request.as_user(&other).send().await.assert_refused(404, "stores.not_found");
}
