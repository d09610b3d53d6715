//! `POST /stores`: opening a store.

use domain::stores::StoreRole;
use serde_json::json;
use shared::store::stores::{Membership, Store, StoreNameOwner};
use testkit::TestRequest;

use crate::{
    steps::{listed, plain, start},
    stores::{open, opened, show},
};

#[tokio::test]
async fn a_store_is_opened_with_its_name_and_shown_to_everybody() {
    let app = start().await;
    let mina = app.user("mina").await;
    let answer = open(&app, &mina, "Oak & Linen").send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let made = answer.json();
    assert_eq!(
        made,
        json!({
            "id": app.all::<Store>()[0].id, "name": "Oak & Linen", "story": "Solid oak.",
            "created_at": "2026-11-21T09:00:00.000Z",
            "owner": {
                "id": mina.id, "nickname": "mina", "picture": made["owner"]["picture"], "score": null,
                "member_since": "2026-11", "area": null,
            },
        })
    );
    let shown = show(&app, made["id"].as_str().unwrap()).await;
    assert_eq!((shown.status, shown.json()), (200, made));
    assert_eq!(app.all::<Membership>()[0].role, StoreRole::Owner);
}

#[tokio::test]
async fn no_two_stores_have_names_that_look_the_same() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    opened(&app, &mina, "Oak & Linen").await;
    for name in ["Oak & Linen", "OAK & LINEN", "ｏａｋ & linen"] {
        let refused = open(&app, &ben, name).send().await;
        refused.assert_refused(409, "stores.name_taken");
        assert_eq!(refused.pointers(), ["/name"]);
    }
    assert_eq!((app.all::<Store>().len(), app.all::<Membership>().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_32_of_many_who_open_a_store_of_one_name_one_gets_it() {
    let app = start().await;
    let mut requests = Vec::new();
    for number in 0..8 {
        requests.push(open(&app, &app.user(&format!("person{number}")).await, "Oak"));
    }
    let answers = TestRequest::all_at_once(requests).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!((app.all::<Store>().len(), app.all::<StoreNameOwner>().len()), (1, 1));
}

#[tokio::test]
async fn attack_76_a_person_opens_five_stores_and_no_more_beside_their_stall() {
    let app = start().await;
    let mina = app.user("mina").await;
    listed(&app, &mina, plain("Chair", "furniture"), "k").await;
    for number in 0..5 {
        opened(&app, &mina, &format!("Oak{}", "k".repeat(number))).await;
    }
    open(&app, &mina, "One too many").send().await.assert_refused(409, "stores.too_many_stores");
    assert_eq!(app.all::<Store>().len(), 6);
}
