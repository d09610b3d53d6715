//! One listing, with what can be bought of it now.

use domain::{
    ids::{ListingId, VariantId},
    media::MediaState,
};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::{Value, json};
use shared::{Failure, Fault, FaultKind as Broken, random, store::listings::StockMove};
use testkit::TestApp;

use crate::steps::{lamp, listed, picture, plain, start};

const GET: &str = "catalog.get_listing";

#[tokio::test]
async fn a_listing_is_shown_to_everyone_as_it_was_made() {
    let app = start().await;
    let mina = app.user("mina").await;
    let pictures = [picture(&app, &mina, MediaState::Ready).await];
    let made = listed(&app, &mina, lamp(&pictures), "k").await;
    let answer = app.get(GET).path("listing_id", made["id"].as_str().unwrap()).send().await;
    assert_eq!((answer.status, answer.json()), (200, made.clone()));
    assert_eq!(answer.header("cache-control"), Some("no-store"), "what is available changes at any time");
    // One query, eventually consistent: the listing and its three stocks together have less than 4 KB.
    answer.assert_cost(1, 1, 0);
    let ben = app.user("ben").await;
    let as_ben = app.get(GET).path("listing_id", made["id"].as_str().unwrap()).as_user(&ben).send().await;
    assert_eq!(as_ben.json(), made);
}

/// `[available…]` and `status` of a listing.
async fn shown(app: &TestApp, id: &Value) -> (Vec<u64>, String) {
    let answer = app.get(GET).path("listing_id", id.as_str().unwrap()).send().await.json();
    let variants = answer["variants"].as_array().unwrap();
    (
        variants.iter().filter_map(|variant| variant["available"].as_u64()).collect(),
        answer["status"].as_str().unwrap().to_owned(),
    )
}

async fn moved(app: &TestApp, made: &Value, variant: usize, movement: StockMove, pieces: u32) {
    let listing: ListingId = made["id"].as_str().unwrap().parse().unwrap();
    let variant: VariantId = made["variants"][variant]["id"].as_str().unwrap().parse().unwrap();
    let transaction = app.table().transaction().move_stock(listing, variant, movement, pieces);
    transaction.or_else(|_| Failure::Broken(Fault::new(Broken::Corrupt, "too few"))).commit().await.unwrap();
}

#[tokio::test]
async fn what_is_available_follows_every_movement_and_nothing_left_is_sold_out() {
    let app = start().await;
    let mina = app.user("mina").await;
    let made = listed(&app, &mina, lamp(&[]), "k").await;
    let on_sale = |available: [u64; 3]| (available.to_vec(), "on_sale".to_owned());
    assert_eq!(shown(&app, &made["id"]).await, on_sale([4, 0, 1]));
    moved(&app, &made, 0, StockMove::Hold, 3).await;
    assert_eq!(shown(&app, &made["id"]).await, on_sale([1, 0, 1]));
    moved(&app, &made, 0, StockMove::Hold, 1).await;
    assert_eq!(shown(&app, &made["id"]).await, on_sale([0, 0, 1]), "one variant is enough");
    moved(&app, &made, 2, StockMove::Hold, 1).await;
    assert_eq!(shown(&app, &made["id"]).await, (vec![0, 0, 0], "sold_out".to_owned()), "held is not available");
    moved(&app, &made, 2, StockMove::Sell { at: app.now() }, 1).await;
    moved(&app, &made, 0, StockMove::Release, 2).await;
    assert_eq!(shown(&app, &made["id"]).await, on_sale([2, 0, 0]));
}

#[tokio::test]
async fn attack_10_an_id_of_nothing_is_not_found_and_what_is_no_id_is_refused_without_asking_the_table() {
    let app = start().await;
    let mina = app.user("mina").await;
    let made = listed(&app, &mina, plain("Oak chair", "furniture"), "k").await;
    let absent = ListingId::new(app.now(), random::entropy().unwrap());
    let answer = app.get(GET).path("listing_id", absent).send().await;
    answer.assert_refused(404, "catalog.listing_not_found");
    assert_eq!(answer.usage.calls, 1);
    let korean = app.get(GET).path("listing_id", absent).language("ko").send().await.problem();
    assert_eq!(korean.detail, "없는 상품이거나 더 이상 판매하지 않는 상품입니다.");

    let good = made["id"].as_str().unwrap();
    let wrong = [
        String::new(),
        "lst_".to_owned(),
        "1".to_owned(),
        "null".to_owned(),
        mina.id.to_string(),
        made["variants"][0]["id"].as_str().unwrap().to_owned(),
        good.to_uppercase(),
        good.replacen("lst", "LST", 1),
        format!("{good} "),
        format!("{good}\0"),
        format!("{good}%00"),
        format!("{good}#"),
        format!("{good}/../{good}"),
        "..%2f..%2fusers".to_owned(),
        "../../LISTINGS".to_owned(),
        good.replace('0', "０"),
        format!("lst_{}", "8".repeat(26)),
        format!("lst_{}", "0".repeat(10_240)),
        "x".repeat(10_240),
        "LISTING#1".to_owned(),
    ];
    for id in wrong {
        let answer = app.get(GET).path("listing_id", &id).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec!["/listing_id".to_owned()], 0), "{id:.60}");
    }
}

#[tokio::test]
async fn attack_63_a_query_beside_the_id_is_refused() {
    let app = start().await;
    let mina = app.user("mina").await;
    let made = listed(&app, &mina, plain("Oak chair", "furniture"), "k").await;
    let good = made["id"].as_str().unwrap();
    for query in [&format!("listing_id={good}"), "a=1&a=2", "a[]=1", "expand=seller", &"x".repeat(10_000)] {
        let answer = app.get(GET).path("listing_id", good).query(query).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.usage.calls, 0, "{query:.60}");
    }
}

#[tokio::test]
async fn attack_13_nothing_of_the_seller_but_id_and_nickname_is_shown() {
    let app = start().await;
    let mina = app.user("mina").await;
    let made = listed(&app, &mina, plain("Oak chair", "furniture"), "k").await;
    let answer = app.get(GET).path("listing_id", made["id"].as_str().unwrap()).send().await;
    assert_eq!(answer.json()["seller"], json!({ "id": mina.id, "nickname": "mina" }));
    let body = String::from_utf8(answer.body.to_vec()).unwrap();
    for hidden in [mina.email.as_str(), "held", "sold\"", "gsi1", "pk\""] {
        assert!(!body.contains(hidden), "{hidden}: {body}");
    }
}

#[tokio::test]
async fn attack_68_when_the_table_does_not_answer_the_listing_is_unavailable_and_not_absent() {
    let app = start().await;
    let absent = ListingId::new(app.now(), random::entropy().unwrap());
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::Throttle)]);
    let answer = app.get(GET).path("listing_id", absent).may_break().send().await;
    answer.assert_refused(503, "unavailable");
    assert!(answer.fault.is_some());
}
