//! Everything that is kept about a person, as a file.

use std::collections::BTreeSet;

use domain::{ids::StoreId, timestamp::Seconds};
use serde_json::{Value, json};
use shared::store::{listings::Listing, media::Media, orders::StoredOrder, users::Password};
use testkit::{TestAnswer, TestApp, TestUser, sweeps};

use crate::leaving::{PAY, furnish, marks, offer, place, walk};

const EXPORT_ME: &str = "users.export_me";

async fn export(app: &TestApp, user: &TestUser, cursor: Option<&str>) -> TestAnswer {
    let request = app.get(EXPORT_ME).as_user(user);
    let request = match cursor {
        Some(cursor) => request.query(&format!("cursor={cursor}")),
        None => request,
    };
    request.send().await
}

fn ids(file: &Value, part: &str) -> Vec<String> {
    let id = |item: &Value| item.get("order").unwrap_or(item)["id"].as_str().unwrap().to_owned();
    file[part].as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn all_that_a_person_said_and_did_is_in_one_file() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, seller) = (app.user("mina").await, app.user("seller").await);
    let lamp = furnish(&app, &mina).await;
    let oak = offer(&app, &seller, 9).await;
    let order = walk(&app, place(&app, &mina, &oak).await, &PAY).await;
    let answer = export(&app, &mina, None).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"jangteo-2026-11-21.json\""));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let file = answer.json();
    assert_eq!(file["profile"], app.get("users.get_me").as_user(&mina).send().await.json());
    assert_eq!(file["addresses"], app.get("users.list_addresses").as_user(&mina).send().await.json()["items"]);
    assert_eq!(file["sessions"][0]["id"], json!(mina.session));
    assert_eq!(
        file["logins"],
        json!([{ "provider": "google", "subject": "sub-mina", "email": "mina@example.com", "linked_at": app.now() }])
    );
    let picture = &file["media"][0];
    let original = picture["original"].as_str().unwrap();
    assert!(original.contains("X-Amz-Signature=") && original.contains("X-Amz-Expires=300"), "{original}");
    assert_eq!(picture["pictures"].as_array().unwrap().len(), 3);
    assert_eq!((ids(&file, "listings"), ids(&file, "orders")), (vec![lamp.id.to_string()], vec![order.id.to_string()]));
    assert_eq!(file["listings"][0]["variants"][0]["available"], 3);
    assert_eq!(file["orders"][0]["order"]["shipping"]["memo"], "ask for mina of Teheran-ro");
    assert_eq!(ids(&file, "stores"), [StoreId::stall_of(mina.id).to_string()]);
    assert_eq!((&file["stores"][0]["name"], &file["stores"][0]["role"]), (&json!("mina's stall"), &json!("owner")));
    assert_eq!(file["next_cursor"], Value::Null);
    // Person and addresses, the counter, sessions, logins; stores, uploads, listings and orders with their
    // indexes, the listing, the order's postings.
    assert_eq!(answer.usage.calls, 14);
}

#[tokio::test]
async fn attack_13_nothing_that_only_we_use_and_nothing_of_others_is_in_it() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, seller) = (app.user("minakim").await, app.user("gildong").await);
    furnish(&app, &mina).await;
    let refresh = app.session_of(&seller).await;
    let theirs = furnish(&app, &app.user("hwang").await).await;
    walk(&app, place(&app, &mina, &theirs).await, &PAY).await;
    let text = String::from_utf8(export(&app, &mina, None).await.body.to_vec()).unwrap();
    for secret in ["argon2id", "family_hash", "secret_hash", "spent_hash", "\"epoch\"", "version", "seller_share"] {
        assert!(!text.contains(secret), "{secret}");
    }
    for hash in app.all::<Password>() {
        assert!(!text.contains(&hash.hash));
    }
    assert!(!text.contains(&refresh.family_hash()));
    for mark in marks(&app.user("hwang2").await).iter().chain(&marks(&seller)) {
        assert!(!text.contains(mark.as_str()), "{mark}");
    }
    assert!(!text.contains("hwang@example.com") && !text.contains("hwang of Teheran-ro"));
}

#[tokio::test]
async fn what_does_not_fit_comes_in_further_files_and_nothing_comes_twice() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, seller) = (app.user("mina").await, app.user("seller").await);
    let mut wanted = BTreeSet::new();
    for _ in 0..205 {
        wanted.insert(offer(&app, &mina, 1).await.id.to_string());
        app.advance(Seconds(1));
    }
    let oak = offer(&app, &seller, 1_000).await;
    for _ in 0..130 {
        wanted.insert(place(&app, &mina, &oak).await.id.to_string());
        app.advance(Seconds(1));
    }
    let first = export(&app, &mina, None).await.json();
    assert_eq!((ids(&first, "listings").len(), ids(&first, "orders").len()), (205, 95));
    let second = export(&app, &mina, first["next_cursor"].as_str()).await.json();
    assert_eq!((ids(&second, "listings").len(), ids(&second, "orders").len()), (0, 35));
    assert_eq!((&second["profile"], &second["next_cursor"]), (&first["profile"], &Value::Null));
    let all: Vec<String> = [&first, &second]
        .into_iter()
        .flat_map(|file| ids(file, "listings").into_iter().chain(ids(file, "orders")))
        .collect();
    assert_eq!(all.len(), 335);
    assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), wanted);
}

#[tokio::test]
async fn attack_9_a_cursor_is_good_for_who_got_it_and_for_this() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    for _ in 0..301 {
        offer(&app, &mina, 1).await;
    }
    let cursor = export(&app, &mina, None).await.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(ids(&export(&app, &mina, Some(&cursor)).await.json(), "listings").len(), 1);
    export(&app, &ben, Some(&cursor)).await.assert_refused(400, "request.cursor_invalid");
    for wrong in ["banana", &cursor[1..], &cursor[..cursor.len() - 1], &format!("{cursor}A"), ""] {
        let answer = export(&app, &mina, Some(wrong)).await;
        answer.assert_refused(400, "request.cursor_invalid");
        assert_eq!(answer.usage.calls, 0, "{wrong}");
    }
    app.advance(Seconds::days(1));
    export(&app, &mina, Some(&cursor)).await.assert_refused(400, "request.cursor_invalid");
}

#[tokio::test]
async fn everything_can_be_asked_for_three_times_a_day() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    for _ in 0..3 {
        assert_eq!(export(&app, &mina, None).await.status, 200);
    }
    let refused = export(&app, &mina, None).await;
    refused.assert_refused(429, "users.too_many_exports");
    assert_eq!(refused.retry_after_s(), Some(15 * 3_600));
    assert_eq!(export(&app, &ben, None).await.status, 200, "others are not concerned");
    app.advance(Seconds::hours(15));
    assert_eq!(export(&app, &mina, None).await.status, 200);
}

#[tokio::test]
async fn attack_66_a_formula_is_a_text_of_a_json_document_that_nobody_opens_as_a_table() {
    let app = TestApp::start(&users::SERVICE).await;
    let mina = app.user("mina").await;
    let formula = "=HYPERLINK(1)";
    let answer = app.patch("users.update_me").as_user(&mina).json(json!({ "nickname": formula })).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let answer = export(&app, &mina, None).await;
    assert_eq!(answer.json()["profile"]["nickname"], formula);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert!(answer.header("content-disposition").unwrap().ends_with(".json\""));
}

#[tokio::test]
async fn attack_8_40_46_only_who_is_signed_in_gets_their_own() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    sweeps::assert_needs_sign_in(&app.get(EXPORT_ME), &app.token_of(&mina)).await;
    let query = format!("user_id={}", ben.id);
    app.get(EXPORT_ME).as_user(&mina).query(&query).send().await.assert_refused(400, "request.invalid");
    let mut earlier = mina.clone();
    earlier.epoch = 7;
    export(&app, &earlier, None).await.assert_refused(401, "auth.sign_in_needed");
    export(&app, &app.deleted_user(), None).await.assert_refused(401, "auth.sign_in_needed");
}

#[tokio::test]
async fn what_cannot_be_read_costs_nobody_the_rest_of_the_file() {
    let app = TestApp::start(&users::SERVICE).await;
    let (mina, seller) = (app.user("mina").await, app.user("seller").await);
    let lamp = furnish(&app, &mina).await;
    let (chair, oak) = (offer(&app, &mina, 1).await, offer(&app, &seller, 9).await);
    let (bad, good) = (place(&app, &mina, &oak).await, place(&app, &mina, &oak).await);
    app.make_unreadable(&Listing::key(lamp.id)).await;
    app.make_unreadable(&StoredOrder::key(bad.id)).await;
    for media in app.all::<Media>() {
        app.make_unreadable(&Media::key(media.id)).await;
    }
    let answer = export(&app, &mina, None).await;
    let file = answer.json();
    assert_eq!((ids(&file, "listings"), ids(&file, "orders")), (vec![chair.id.to_string()], vec![good.id.to_string()]));
    assert_eq!(file["media"], json!([]));
    for kind in ["MEDIA#", "lst_", "ORDER#"] {
        assert!(answer.line.contains(kind), "{kind}: {}", answer.line);
    }
}
