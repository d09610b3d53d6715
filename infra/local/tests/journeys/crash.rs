//! The local cloud is killed while people buy: what was acknowledged is there afterwards.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{sync::Mutex, task::JoinSet};

use crate::{browser::Browser, program::Program};

const STOCK: u64 = 100_000;

/// How many orders are acknowledged before each kill. Those of all three rounds, and what is under way,
/// stay under the 120 that guests may place from one address in an hour.
const ORDERS: usize = 20;

async fn listing(program: &Program) -> Value {
    let mut seller = Browser::at(program.port);
    seller.sign_up("seller").await;
    let wanted = json!({
        "kind": "sell", "title": "Plain mug", "description": "Many of them.", "category_id": "household", "options": [],
        "variants": [{"option_values": [], "price": {"amount": 9_000, "currency": "KRW"}, "stock": STOCK}],
        "pictures": [],
    });
    seller.post_once("/api/listings", "mug", &wanted).await.expect(201)
}

/// Buys until the connection breaks, and notes what was acknowledged.
async fn buy(browser: Browser, order: Value, worker: usize, noted: Arc<Mutex<Vec<Value>>>, count: Arc<AtomicUsize>) {
    for number in 0.. {
        match browser.try_post("/api/checkouts", &format!("{worker}-{number}"), &order).await {
            Ok(answer) if answer.status == 201 => {
                noted.lock().await.push(answer.json());
                count.fetch_add(1, Ordering::Relaxed);
            }
            // On its way down it may answer with a failure; it must not be a success.
            Ok(answer) => assert!(answer.status >= 500, "{answer:?}"),
            Err(_) => return,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_under_load_loses_no_acknowledged_order() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut program = Program::start(&data);
    let listing = listing(&program).await;
    let order = json!({
        "lines": [{"listing_id": listing["id"], "variant_id": listing["variants"][0]["id"], "quantity": 1}],
        "contact": {"name": "Guest", "phone": "010-1234-5678", "email": "guest@example.com"},
        "shipping": {"name": "Guest", "phone": "010-1234-5678", "postcode": "06236", "address": "12 Teheran-ro, Seoul"},
    });
    let noted = Arc::new(Mutex::new(Vec::new()));
    for round in 1..=3 {
        let count = Arc::new(AtomicUsize::new(0));
        let mut buyers = JoinSet::new();
        for worker in 0..8 {
            let browser = Browser::at(program.port);
            buyers.spawn(buy(browser, order.clone(), round * 100 + worker, Arc::clone(&noted), Arc::clone(&count)));
        }
        while count.load(Ordering::Relaxed) < ORDERS {
            assert!(buyers.try_join_next().is_none(), "a buyer stopped before the kill");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        program.kill_9();
        buyers.join_all().await;
        program = Program::start(&data);
    }
    let browser = Browser::at(program.port);
    let noted = noted.lock().await;
    for checkout in noted.iter() {
        let path = format!("/api/orders/{}", checkout["checkout"]["orders"][0]["id"].as_str().unwrap());
        let order = browser.get_as_guest(&path, checkout["order_secret"].as_str().unwrap()).await.expect(200);
        assert_eq!(order["total"], checkout["checkout"]["total"]);
    }
    let stock = browser.get("/_local/stock").await.expect(200)["items"][0].clone();
    let held = stock["held"].as_u64().unwrap();
    assert_eq!(stock["available"].as_u64().unwrap() + held, STOCK, "{stock}");
    // Some were placed whose buyers never heard of it; none is missing.
    assert!(held >= noted.len() as u64, "{held} held, {} acknowledged", noted.len());
}
