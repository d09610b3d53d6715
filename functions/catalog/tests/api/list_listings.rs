//! Lists of what is offered: whole, in order, and with nothing taken on trust.

use std::collections::BTreeSet;

use domain::{ids::StoreId, media::MediaState, timestamp::Seconds};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::{Value, json};
use shared::store::{
    expression::{Change, Condition},
    listings::Listing,
};
use testkit::{TestApp, TestUser};

use crate::steps::{lamp, listed, picture, plain, start, won};

const LIST: &str = "catalog.list_listings";

async fn page(app: &TestApp, query: &str) -> Value {
    let answer = app.get(LIST).query(query).send().await;
    assert_eq!(answer.status, 200, "{query}: {:?}", answer.body);
    answer.json()
}

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|card| card["id"].as_str().unwrap().to_owned()).collect()
}

/// All pages of a list, each with at most `limit` items, and none empty but the only one.
async fn walked(app: &TestApp, filter: &str, limit: usize) -> Vec<String> {
    let (mut all, mut query) = (Vec::new(), format!("limit={limit}{filter}"));
    loop {
        let page = page(app, &query).await;
        let found = ids(&page);
        assert!(found.len() <= limit, "{} of {limit}", found.len());
        assert!(all.is_empty() || !found.is_empty(), "an empty page after {} items, {limit} at a time", all.len());
        all.extend(found);
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        query = format!("limit={limit}{filter}&cursor={cursor}");
    }
}

/// Listings in two categories, some of them in the same millisecond.
async fn shop(app: &TestApp, seller: &TestUser, count: usize) {
    for number in 0..count {
        let category = if number % 3 == 0 { "lighting" } else { "furniture" };
        let _ = listed(app, seller, plain(&format!("Thing {number}"), category), &format!("key-{number}")).await;
        if number % 2 == 0 {
            app.advance(Seconds(1));
        }
    }
}

/// The ids as a list must show them.
fn newest_first(app: &TestApp, category: Option<&str>) -> Vec<String> {
    let mut listings = app.all::<Listing>();
    listings.retain(|listing| category.is_none_or(|wanted| listing.category_id.as_str() == wanted));
    listings.sort_by_key(|listing| std::cmp::Reverse((listing.created_at, listing.id)));
    listings.iter().map(|listing| listing.id.to_string()).collect()
}

#[tokio::test]
async fn an_empty_marketplace_is_an_empty_list() {
    let app = start().await;
    for query in ["", "category_id=furniture", "category_id=no-such-category"] {
        let answer = app.get(LIST).query(query).send().await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "items": [], "next_cursor": null })), "{query}");
        assert_eq!(answer.header("cache-control"), Some("public, max-age=5"));
        answer.assert_cost(1, 1, 0);
    }
}

#[tokio::test]
async fn a_card_has_what_a_list_shows_and_no_more() {
    let app = start().await;
    let mina = app.user("mina").await;
    let cover = picture(&app, &mina, MediaState::Ready).await;
    let second = picture(&app, &mina, MediaState::Ready).await;
    let made = listed(&app, &mina, lamp(&[cover, second]), "k").await;
    app.advance(Seconds(1));
    let bare = listed(&app, &mina, plain("Chair", "furniture"), "l").await;
    let lamp = json!({
        "id": made["id"], "kind": "sell", "title": "Oak desk lamp", "category_id": "lighting",
        "price_from": won(37_500), "prices_differ": true, "picture": format!("/pictures/{cover}/320.jpg"),
        "store": { "id": StoreId::stall_of(mina.id), "name": "mina's stall" },
        "seller_nickname": "mina", "created_at": "2026-11-21T09:00:00.000Z",
    });
    let chair = json!({
        "id": bare["id"], "kind": "sell", "title": "Chair", "category_id": "furniture",
        "price_from": won(12_000), "prices_differ": false, "picture": null,
        "store": { "id": StoreId::stall_of(mina.id), "name": "mina's stall" },
        "seller_nickname": "mina", "created_at": "2026-11-21T09:00:01.000Z",
    });
    assert_eq!(page(&app, "").await, json!({ "items": [chair, lamp], "next_cursor": null }));
    assert_eq!(page(&app, "category_id=lighting").await["items"], json!([lamp]));
    assert_eq!(page(&app, "category_id=fabric").await["items"], json!([]));
}

#[tokio::test]
async fn pages_of_every_size_make_up_the_whole_list_newest_first() {
    let app = start().await;
    let mina = app.user("mina").await;
    shop(&app, &mina, 13).await;
    let (all, lighting) = (newest_first(&app, None), newest_first(&app, Some("lighting")));
    assert_eq!((all.len(), lighting.len()), (13, 5));
    for limit in (1..=14).chain([99, 100]) {
        assert_eq!(walked(&app, "", limit).await, all, "pages of {limit}");
        assert_eq!(walked(&app, "&category_id=lighting", limit).await, lighting, "pages of {limit}");
    }
    // Twelve unless asked otherwise.
    let answer = app.get(LIST).send().await;
    assert_eq!(ids(&answer.json()), all[..12]);
    // Twelve such cards have a little less than 4 KB and the thirteenth, by which the page knows that
    // there is a next one, a little more: a whole unit.
    answer.assert_cost(1, 2, 0);
}

#[tokio::test]
async fn to_know_whether_a_page_is_the_last_costs_at_most_half_a_unit() {
    let app = start().await;
    let mina = app.user("mina").await;
    // A title of 20 Korean letters and a picture, as people list things.
    for number in 0..100 {
        let cover = picture(&app, &mina, MediaState::Ready).await;
        let mut draft = plain(&format!("{number:02}{}", "가".repeat(18)), "furniture");
        draft["pictures"] = json!([cover]);
        let _ = listed(&app, &mina, draft, &format!("key-{number}")).await;
    }
    let mut costs = Vec::new();
    for limit in [1, 8, 9, 12, 24, 50, 99, 100] {
        let answer = app.get(LIST).query(&format!("limit={limit}")).send().await;
        let page = answer.json();
        assert_eq!((ids(&page).len(), page["next_cursor"].is_null()), (limit, limit == 100));
        costs.push((limit, answer.usage.read_half_units));
    }
    // Half a unit for each 4 KB begun. Such a card has some 480 bytes, so the usual twelve cost a whole
    // unit with the thirteenth as without it.
    assert_eq!(costs, [(1, 1), (8, 2), (9, 2), (12, 2), (24, 3), (50, 6), (99, 12), (100, 12)]);
}

#[tokio::test]
async fn what_was_there_comes_exactly_once_while_new_listings_are_made() {
    let app = start().await;
    let mina = app.user("mina").await;
    shop(&app, &mina, 8).await;
    let before = newest_first(&app, None);
    let (mut seen, mut query, mut number) = (Vec::new(), "limit=3".to_owned(), 0);
    loop {
        let page = page(&app, &query).await;
        seen.extend(ids(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=3&cursor={cursor}");
        number += 1;
        app.advance(Seconds(1));
        let _ = listed(&app, &mina, plain("New", "furniture"), &format!("new-{number}")).await;
    }
    assert!(number >= 2);
    assert_eq!(seen, before, "new ones stand before the first page");
}

#[tokio::test]
async fn attack_9_a_cursor_is_good_for_its_own_list_only() {
    let app = start().await;
    let mina = app.user("mina").await;
    shop(&app, &mina, 6).await;
    let of = async |app: &TestApp, query: &str| page(app, query).await["next_cursor"].as_str().unwrap().to_owned();
    let (of_all, of_furniture) = (of(&app, "limit=1").await, of(&app, "limit=1&category_id=furniture").await);
    let other_app = start().await;
    let ben = other_app.user("ben").await;
    shop(&other_app, &ben, 2).await;
    let of_other_app = of(&other_app, "limit=1").await;
    let (front, back) = of_all.split_at(of_all.len() / 2);
    let (_, other_back) = of_furniture.split_at(of_furniture.len() / 2);
    let wrong = [
        ("", of_furniture.clone()),
        ("&category_id=furniture", of_all.clone()),
        ("&category_id=lighting", of_furniture.clone()),
        ("", of_other_app),
        ("", String::new()),
        ("", "null".to_owned()),
        ("", "LISTING%231".to_owned()),
        ("", front.to_owned()),
        ("", back.to_owned()),
        ("", format!("{front}{other_back}")),
        ("", of_all[1..].to_owned()),
        ("", of_all[..of_all.len() - 1].to_owned()),
        ("", format!("{of_all}A")),
        ("", "x".repeat(10_000)),
        ("", "%00".to_owned()),
        ("", "%EA%B0%80".to_owned()),
    ];
    for (filter, cursor) in wrong {
        let answer = app.get(LIST).query(&format!("limit=1{filter}&cursor={cursor}")).send().await;
        answer.assert_refused(400, "request.cursor_invalid");
        assert_eq!(answer.usage.calls, 0, "{filter} {cursor:.60}");
    }
    // White space that was pasted along does not matter.
    assert_eq!(ids(&page(&app, &format!("limit=5&cursor=%20{of_all}%0A")).await), newest_first(&app, None)[1..]);
    // The page size is no part of the list.
    assert_eq!(ids(&page(&app, &format!("limit=5&cursor={of_all}")).await), newest_first(&app, None)[1..]);
}

#[tokio::test]
async fn attack_9_no_changed_letter_of_a_cursor_goes_unnoticed() {
    let app = start().await;
    let mina = app.user("mina").await;
    shop(&app, &mina, 2).await;
    let cursor = page(&app, "limit=1").await["next_cursor"].as_str().unwrap().to_owned();
    for at in (0..cursor.len()).step_by(7) {
        let mut changed = cursor.clone().into_bytes();
        changed[at] = if changed[at] == b'Q' { b'g' } else { b'Q' };
        let changed = String::from_utf8(changed).unwrap();
        let answer = app.get(LIST).query(&format!("limit=1&cursor={changed}")).send().await;
        answer.assert_refused(400, "request.cursor_invalid");
    }
}

#[tokio::test]
async fn attack_9_a_cursor_is_over_after_a_day() {
    let app = start().await;
    let mina = app.user("mina").await;
    shop(&app, &mina, 2).await;
    let cursor = page(&app, "limit=1").await["next_cursor"].as_str().unwrap().to_owned();
    let next = app.get(LIST).query(&format!("cursor={cursor}"));
    assert_eq!(next.clone().later(Seconds(86_399)).send().await.status, 200);
    for age in [86_400, 86_401, 864_000] {
        let answer = next.clone().later(Seconds(age)).send().await;
        answer.assert_refused(400, "request.cursor_invalid");
        assert_eq!(answer.usage.calls, 0);
    }
}

#[tokio::test]
async fn attack_9_63_a_limit_is_a_whole_number_from_1_to_100() {
    let app = start().await;
    for good in ["1", "100"] {
        assert_eq!(app.get(LIST).query(&format!("limit={good}")).send().await.status, 200, "{good}");
    }
    let wrong = [
        "0",
        "101",
        "-1",
        "1e3",
        "12+",
        "12%20",
        "%2012",
        "%2B5",
        "05",
        "",
        "1.5",
        "0x10",
        "null",
        "true",
        "4294967297",
        "18446744073709551617",
        "%EF%BC%99",
    ];
    for limit in wrong {
        let answer = app.get(LIST).query(&format!("limit={limit}")).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec!["/limit".to_owned()], 0), "{limit}");
    }
}

#[tokio::test]
async fn attack_8_10_63_only_the_three_parameters_are_taken_and_each_once() {
    let app = start().await;
    let long = format!("category_id={}", "x".repeat(10_240));
    let wrong = [
        ("limit=1&limit=1", "/limit"),
        ("category_id=furniture&category_id=fabric", "/category_id"),
        ("cursor=a&cursor=a", "/cursor"),
        ("a=1&a=2", "/a"),
        ("limit[]=1", "/limit[]"),
        ("category_id[]=furniture", "/category_id[]"),
        ("seller_id=usr_1", "/seller_id"),
        ("userId=usr_1", "/userId"),
        ("sort=price", "/sort"),
        ("category_id=", "/category_id"),
        ("category_id=Furniture", "/category_id"),
        ("category_id=..%2F..", "/category_id"),
        ("category_id=furniture%00", "/category_id"),
        ("category_id=%EA%B0%80%EA%B5%AC", "/category_id"),
        ("category_id=a%23b", "/category_id"),
        (long.as_str(), "/category_id"),
        ("limit=%ff", ""),
        ("%zz=1", ""),
    ];
    for (query, pointer) in wrong {
        let answer = app.get(LIST).query(query).send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec![pointer.to_owned()], 0), "{query:.60}");
    }
    app.get(LIST).query(&"x=1&".repeat(2_560)).send().await.assert_refused(400, "request.invalid");
}

#[tokio::test]
async fn an_index_that_lags_shows_a_little_less_and_breaks_no_walk() {
    let app = start().await;
    let mina = app.user("mina").await;
    shop(&app, &mina, 6).await;
    let all = newest_first(&app, None);
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::StaleIndex)]);
    let stale = page(&app, "limit=3").await;
    let behind: BTreeSet<String> = ids(&stale).into_iter().collect();
    assert_eq!(behind.len(), 3);
    assert!(behind.iter().all(|id| all.contains(id)));
    assert_eq!(walked(&app, "", 2).await.len(), 5, "the last write is not in the index yet");
    // The walk goes on when the index has caught up, and misses nothing that the first page had after it.
    app.heal();
    let cursor = stale["next_cursor"].as_str().unwrap();
    let rest = ids(&page(&app, &format!("limit=100&cursor={cursor}")).await);
    let last = all.iter().position(|id| Some(id) == ids(&stale).last()).unwrap();
    assert_eq!(rest, all[last + 1..]);
    assert_eq!(walked(&app, "", 4).await, all);
}

#[tokio::test]
async fn attack_68_when_the_table_does_not_answer_the_list_is_unavailable_and_not_empty() {
    let app = start().await;
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::ServerError)]);
    let answer = app.get(LIST).may_break().send().await;
    answer.assert_refused(503, "unavailable");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    app.heal();
    assert_eq!(app.get(LIST).send().await.status, 200);
}

#[tokio::test]
async fn a_card_that_cannot_be_read_costs_nobody_the_page() {
    let app = start().await;
    let mina = app.user("mina").await;
    shop(&app, &mina, 3).await;
    let all = newest_first(&app, None);
    let spoilt = vec![Change::Set("card", "not a card".into())];
    app.table().update(&Listing::key(all[1].parse().unwrap()), spoilt, Condition::Present).await.unwrap();
    let answer = app.get(LIST).send().await;
    assert_eq!(ids(&answer.json()), [all[0].clone(), all[2].clone()]);
    assert!(answer.line.contains("is left out of a list"), "nobody is told: {}", answer.line);
}

#[tokio::test]
async fn a_card_is_brought_up_to_the_version_of_today_like_everything_else() {
    let app = start().await;
    let mina = app.user("mina").await;
    shop(&app, &mina, 3).await;
    let all = newest_first(&app, None);
    let key = |place: usize| Listing::key(all[place].parse().unwrap());
    let version_1 = vec![Change::Set("v", 1_i64.into())];
    app.table().update(&key(0), version_1, Condition::Present).await.unwrap();
    app.make_unreadable(&key(1)).await;
    let answer = app.get(LIST).send().await;
    assert_eq!(ids(&answer.json()), [all[0].clone(), all[2].clone()], "version 1 is known, and version 99 is not");
    assert!(answer.line.contains("a version that this code does not know"), "{}", answer.line);
}
