//! Making a listing: what gets in, and what does not.

mod repeated;

use domain::{
    ids::{MediaId, StoreId},
    media::MediaState,
    timestamp::Seconds,
};
use engines::{Engine, FaultKind, FaultRule};
use serde_json::{Value, json};
use shared::store::{
    expression::{Change, Condition},
    listings::{Listing, Stock},
    users::User,
};
use testkit::{TestApp, TestRequest, TestUser, sweeps};

use crate::steps::{
    assert_nothing_was_made, category, counted, create, lamp, listed, no_picture, picture, plain, start, with, won,
};

const CREATE: &str = "catalog.create_listing";

async fn pictures(app: &TestApp, owner: &TestUser, count: usize) -> Vec<MediaId> {
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        all.push(picture(app, owner, MediaState::Ready).await);
    }
    all
}

fn shown_picture(id: MediaId) -> Value {
    let of = |size: u32| format!("/pictures/{id}/{size}.jpg");
    json!({ "media_id": id, "small": of(320), "medium": of(960), "large": of(1_600) })
}

#[tokio::test]
async fn a_listing_with_options_variants_and_pictures_is_made_whole() {
    let app = start().await;
    let mina = app.user("mina").await;
    let photos = pictures(&app, &mina, 2).await;
    let answer = create(&app, &mina, lamp(&photos), "k").send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let (listings, stock) = (app.all::<Listing>(), app.all::<Stock>());
    let [listing] = listings.as_slice() else { panic!("{listings:?}") };
    let variant = |index: usize, values: [&str; 2], price: i64, available: u32| json!({ "id": listing.variants[index].id, "option_values": values, "price": won(price), "available": available });
    assert_eq!(
        answer.json(),
        json!({
            "id": listing.id,
            "kind": "sell",
            "store": { "id": StoreId::stall_of(mina.id), "name": "mina's stall" },
            "seller": { "id": mina.id, "nickname": "mina" },
            "category_id": "lighting",
            "title": "Oak desk lamp",
            "description": "Warm light.\nSolid oak.",
            "options": [
                { "name": "colour", "values": ["white", "black"] },
                { "name": "size", "values": ["S", "L"] },
            ],
            "variants": [
                variant(0, ["white", "S"], 39_000, 4),
                variant(1, ["white", "L"], 45_000, 0),
                variant(2, ["black", "S"], 37_500, 1),
            ],
            "pictures": [shown_picture(photos[0]), shown_picture(photos[1])],
            "price_from": won(37_500),
            "status": "on_sale",
            "created_at": "2026-11-21T09:00:00.000Z",
        })
    );
    assert_eq!(stock.len(), 3);
    for (variant, available) in listing.variants.iter().zip([4, 0, 1]) {
        let own = stock.iter().find(|stock| stock.variant_id == variant.id).unwrap();
        assert_eq!((own.listing_id, own.available, own.held, own.sold), (listing.id, available, 0, 0));
    }
    // Read: the seller, their stall and their membership (one unit each), the categories (a half). Written, in a
    // transaction at two units per KB: the listing and the remembered answer of 2 KB each, three stocks, two looks
    // at pictures, one at the seller, the counter, the stall with its membership and its name; and four index
    // entries.
    answer.assert_cost(3, 7, 64);
}

#[tokio::test]
async fn without_options_pictures_and_stock_it_is_a_plain_listing_that_is_sold_out() {
    let app = start().await;
    let mina = app.user("mina").await;
    let draft = with(plain("Chair", "furniture"), "/variants/0/stock", json!(0));
    let answer = create(&app, &mina, draft, "k").send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let made = answer.json();
    assert_eq!((&made["status"], &made["options"], &made["pictures"]), (&json!("sold_out"), &json!([]), &json!([])));
    assert_eq!(made["price_from"], won(12_000));
    // Listing, stock, remembered answer, a look at the seller, the counter, the stall with its membership and its
    // name, two units each; and four index entries.
    answer.assert_cost(3, 7, 40);
    // The stall is made once.
    create(&app, &mina, plain("Table", "furniture"), "l").send().await.assert_cost(3, 7, 26);
}

#[tokio::test]
async fn a_picture_that_is_not_ones_own_and_ready_is_refused_and_nothing_tells_why() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let good = picture(&app, &mina, MediaState::Ready).await;
    let unusable = [
        ("somebody else's", picture(&app, &ben, MediaState::Ready).await),
        ("waiting", picture(&app, &mina, MediaState::Waiting).await),
        ("refused", picture(&app, &mina, MediaState::Refused).await),
        ("none at all", no_picture(&app)),
    ];
    let mut told = Vec::new();
    for (what, id) in unusable {
        let answer = create(&app, &mina, lamp(&[good, id]), "k").send().await;
        answer.assert_refused(422, "catalog.picture_unusable");
        assert_eq!(answer.pointers(), ["/pictures/1"], "{what}");
        assert_nothing_was_made(&app);
        let mut problem = answer.problem();
        problem.instance.clear();
        told.push(problem);
    }
    assert!(told.windows(2).all(|two| two[0] == two[1]), "{told:?}");
    let korean = create(&app, &mina, lamp(&[no_picture(&app)]), "k").language("ko-KR").send().await;
    korean.assert_refused(422, "catalog.picture_unusable");
    assert_eq!(korean.problem().detail, "본인이 올린 사진이 아니거나 아직 준비되지 않은 사진입니다.");
    // A refusal is not remembered: the same key is free for the request as it should have been.
    let made = listed(&app, &mina, lamp(&[good]), "k").await;
    assert_eq!(made["pictures"], json!([shown_picture(good)]));
}

#[tokio::test]
async fn of_several_unusable_pictures_the_first_is_named() {
    let app = start().await;
    let mina = app.user("mina").await;
    let good = picture(&app, &mina, MediaState::Ready).await;
    let draft = lamp(&[good, no_picture(&app), no_picture(&app)]);
    let answer = create(&app, &mina, draft, "k").send().await;
    answer.assert_refused(422, "catalog.picture_unusable");
    assert_eq!(answer.pointers(), ["/pictures/1"]);
}

#[tokio::test]
async fn a_category_that_is_unknown_or_hidden_is_refused_and_one_that_was_added_is_good() {
    let app = start().await;
    let mina = app.user("mina").await;
    category(&app, "clothing", 0, true).await;
    category(&app, "plants", 150, false).await;
    for unknown in ["clothing", "no-such-category"] {
        let answer = create(&app, &mina, plain("Coat", unknown), "k").send().await;
        answer.assert_refused(422, "catalog.category_unknown");
        assert_eq!(answer.pointers(), ["/category_id"]);
        assert_nothing_was_made(&app);
    }
    assert_eq!(listed(&app, &mina, plain("Fern", "plants"), "k").await["category_id"], "plants");
}

/// As large as a listing may be: every text at its limit, in characters of four bytes.
fn largest(photos: &[MediaId], variants: usize) -> Value {
    let values = |count: usize, sign: char| -> Vec<String> {
        (0..count).map(|n| format!("{n:02}{}", sign.to_string().repeat(28))).collect()
    };
    let (first, second, third) = (values(30, '🪑'), values(30, '🛋'), values(30, '🪞'));
    let chosen = |n: usize| [&first[n % 30], &second[n / 30], &third[n % 30]];
    let variants: Vec<Value> = (0..variants)
        .map(|n| json!({ "option_values": chosen(n), "price": won(100_000_000), "stock": 1_000_000 }))
        .collect();
    json!({
        "kind": "sell", "title": "🪑".repeat(60), "description": "🪑".repeat(5_000), "category_id": "interior-props",
        "options": [
            { "name": "🪑".repeat(20), "values": first },
            { "name": "🛋".repeat(20), "values": second },
            { "name": "🪞".repeat(20), "values": third },
        ],
        "variants": variants, "pictures": photos,
    })
}

#[tokio::test]
async fn eighty_variants_and_five_pictures_fit_one_transaction_and_one_more_of_either_is_refused() {
    let app = start().await;
    let mina = app.user("mina").await;
    let photos = pictures(&app, &mina, 6).await;
    let answer = create(&app, &mina, largest(&photos[..5], 81), "k").send().await;
    answer.assert_refused(400, "catalog.listing_invalid");
    assert_eq!(answer.pointers(), ["/variants"]);
    let answer = create(&app, &mina, largest(&photos, 80), "k").send().await;
    answer.assert_refused(400, "catalog.listing_invalid");
    assert_eq!(answer.pointers(), ["/pictures"]);
    assert_nothing_was_made(&app);

    let answer = create(&app, &mina, largest(&photos[..5], 80), "k").send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    assert_eq!((app.all::<Listing>().len(), app.all::<Stock>().len()), (1, 80));
    // Listing and remembered answer have 135 KB together; 80 stocks, 6 looks, the counter, three index entries; and the stall.
    answer.assert_cost(3, 7, 908);
    let made = answer.json();
    let shown = app.get("catalog.get_listing").path("listing_id", made["id"].as_str().unwrap()).send().await;
    assert_eq!(shown.json(), made);
    // 80 KB in one query.
    shown.assert_cost(1, 20, 0);
    let again = create(&app, &mina, largest(&photos[..5], 80), "k").send().await;
    assert!(again.is_replayed() && again.body == answer.body);
}

#[tokio::test]
async fn a_draft_that_contradicts_itself_is_refused_with_the_field_at_fault() {
    let app = start().await;
    let mina = app.user("mina").await;
    let photo = picture(&app, &mina, MediaState::Ready).await;
    let cases = [
        ("/options/0/values", json!([]), "/options/0/values"),
        ("/options/1/name", json!("Colour"), "/options/1/name"),
        ("/variants", json!([]), "/variants"),
        ("/variants/1/option_values", json!(["white"]), "/variants/1/option_values"),
        ("/variants/1/option_values", json!(["white", "M"]), "/variants/1/option_values/1"),
        ("/variants/1/option_values", json!(["white", "S"]), "/variants/1/option_values"),
        ("/variants/2/price", json!({ "amount": 500, "currency": "USD" }), "/variants/2/price"),
        ("/currency", json!("USD"), "/variants/0/price"),
        ("/pictures", json!([photo, photo]), "/pictures/1"),
    ];
    for (pointer, value, at_fault) in cases {
        let answer = create(&app, &mina, with(lamp(&[]), pointer, value.clone()), "k").send().await;
        answer.assert_refused(400, "catalog.listing_invalid");
        assert_eq!(answer.pointers(), [at_fault], "{pointer} = {value}");
    }
    let korean = create(&app, &mina, with(lamp(&[]), "/variants", json!([])), "k").language("ko").send().await;
    assert_eq!(korean.problem().detail, "1개 이상 80개 이하여야 합니다");
    assert_nothing_was_made(&app);
}

#[tokio::test]
async fn attack_17_18_prices_and_stock_are_whole_numbers_within_their_limits() {
    let app = start().await;
    let mina = app.user("mina").await;
    let with_raw = |pointer: &str, raw: &str| {
        let text = with(plain("Chair", "furniture"), pointer, json!("@")).to_string().replace("\"@\"", raw);
        app.post(CREATE).as_user(&mina).idempotency_key("k").body("application/json", text)
    };
    let numbers = [
        "-1",
        "-0",
        "1.5",
        "1.0",
        "1e3",
        "1E+2",
        "\"1\"",
        "null",
        "true",
        "[1]",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "1e400",
    ];
    for pointer in ["/variants/0/price/amount", "/variants/0/stock"] {
        for raw in numbers {
            let answer = with_raw(pointer, raw).send().await;
            assert_eq!(answer.status, 400, "{pointer} = {raw}: {:?}", answer.body);
        }
    }
    for (pointer, raw) in [
        ("/variants/0/price/amount", "0"),
        ("/variants/0/price/amount", "100000001"),
        ("/variants/0/price/amount", "2147483648"),
        ("/variants/0/stock", "1000001"),
        ("/variants/0/stock", "2147483648"),
    ] {
        with_raw(pointer, raw).send().await.assert_refused(400, "catalog.listing_invalid");
    }
    with_raw("/variants/0/stock", "4294967296").send().await.assert_refused(400, "request.invalid");
    for missing in ["price", "stock", "option_values"] {
        let mut draft = plain("Chair", "furniture");
        draft["variants"][0].as_object_mut().unwrap().remove(missing);
        create(&app, &mina, draft, "k").send().await.assert_refused(400, "request.invalid");
    }
    assert_nothing_was_made(&app);
    for (key, price, stock) in [("least", "1", "0"), ("most", "100000000", "1000000")] {
        let draft = with(plain("Chair", "furniture"), "/variants/0/price/amount", serde_json::from_str(price).unwrap());
        let draft = with(draft, "/variants/0/stock", serde_json::from_str(stock).unwrap());
        assert_eq!(create(&app, &mina, draft, key).send().await.status, 201, "{key}");
    }
}

#[tokio::test]
async fn attack_59_60_texts_are_taken_in_one_normal_form_or_refused() {
    let app = start().await;
    let mina = app.user("mina").await;
    let wrong = [
        ("/title", "a\u{0}b".to_owned()),
        ("/title", "two\nlines".to_owned()),
        ("/title", "right\u{202e}left".to_owned()),
        ("/title", "x".to_owned()),
        ("/title", "   ".to_owned()),
        ("/title", "가".repeat(61)),
        ("/title", format!("Z{}", "\u{301}".repeat(1_000))),
        ("/description", String::new()),
        ("/description", "nul\u{0}".to_owned()),
        ("/description", "x".repeat(5_001)),
        ("/options/0/name", "co\u{0}lour".to_owned()),
        ("/options/0/name", "n".repeat(21)),
        ("/options/0/values/0", "whi\u{7}te".to_owned()),
        ("/options/0/values/0", "v".repeat(31)),
        ("/variants/0/option_values/0", "whi\u{0}te".to_owned()),
        ("/category_id", "light\u{0}ing".to_owned()),
        ("/category_id", "조명".to_owned()),
    ];
    for (pointer, text) in wrong {
        let answer = create(&app, &mina, with(lamp(&[]), pointer, json!(text)), "k").send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec![pointer.to_owned()], 0), "{text:?}");
    }
    assert_nothing_was_made(&app);
    let title = "  cafe\u{301} 👩‍👩‍👧 램프 ＡＢ مصباح 𠮷 ";
    let made = listed(&app, &mina, with(lamp(&[]), "/title", json!(title)), "k").await;
    assert_eq!(made["title"], "caf\u{e9} 👩‍👩‍👧 램프 ＡＢ مصباح 𠮷");
}

#[tokio::test]
async fn attack_64_65_69_markup_comes_back_as_the_text_that_it_is_and_stays_out_of_the_log() {
    let app = start().await;
    let mina = app.user("mina").await;
    let evil = "<script>alert(1)</script> \"' {{7*7}} ${x} &amp;";
    let draft = with(lamp(&[]), "/title", json!(evil));
    let draft = with(draft, "/description", json!("</textarea><img src=x onerror=alert(1)>\nBcc: a@b.cd"));
    let answer = create(&app, &mina, draft, "k").send().await;
    let made = answer.json();
    assert_eq!((answer.status, made["title"].as_str()), (201, Some(evil)));
    assert_eq!(made["description"], "</textarea><img src=x onerror=alert(1)>\nBcc: a@b.cd");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    for hidden in ["script", "onerror", "mina"] {
        assert!(!answer.line.contains(hidden), "{}", answer.line);
    }
    let cards = app.get("catalog.list_listings").send().await.json();
    assert_eq!(cards["items"][0]["title"], evil);
}

#[tokio::test]
async fn attack_11_what_is_ours_to_say_cannot_be_said_by_the_seller() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let at_the_top = [
        ("id", json!("lst_1")),
        ("seller_id", json!(ben.id)),
        ("sellerId", json!(ben.id)),
        ("seller", json!({ "id": ben.id, "nickname": "ben" })),
        ("seller_nickname", json!("admin")),
        ("price_from", won(1)),
        ("status", json!("sold_out")),
        ("created_at", json!("2036-01-01T00:00:00.000Z")),
        ("card", json!({})),
        ("gsi1pk", json!("x")),
        ("role", json!("admin")),
        ("points", json!(1)),
    ];
    for (name, value) in at_the_top {
        let mut draft = lamp(&[]);
        draft[name] = value;
        let answer = create(&app, &mina, draft, "k").send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!(answer.pointers(), [format!("/{name}")]);
    }
    for (object, name) in [
        ("/variants/0", "id"),
        ("/variants/0", "available"),
        ("/variants/0", "held"),
        ("/variants/0", "sold"),
        ("/variants/0/price", "discount"),
        ("/options/0", "price"),
    ] {
        let mut draft = lamp(&[]);
        draft.pointer_mut(object).unwrap()[name] = json!(1);
        let answer = create(&app, &mina, draft, "k").send().await;
        answer.assert_refused(400, "request.invalid");
        assert!(answer.pointers()[0].starts_with(object), "{object}/{name}: {:?}", answer.pointers());
    }
    for kind in ["lend", "match", "SELL", "sold"] {
        let answer = create(&app, &mina, with(lamp(&[]), "/kind", json!(kind)), "k").send().await;
        answer.assert_refused(400, "request.invalid");
    }
    assert_nothing_was_made(&app);
}

#[tokio::test]
async fn attack_10_what_is_no_picture_id_is_refused_before_the_table_is_asked() {
    let app = start().await;
    let mina = app.user("mina").await;
    let good = no_picture(&app).to_string();
    let wrong = [
        json!(""),
        json!("med_"),
        json!(mina.id),
        json!(good.to_uppercase()),
        json!(format!("{good}\u{0}")),
        json!(format!("../{good}")),
        json!("med_..%2f"),
        json!("x".repeat(10_240)),
        json!([good]),
        json!(1),
        json!(null),
    ];
    for id in wrong {
        let answer = create(&app, &mina, with(lamp(&[]), "/pictures", json!([id])), "k").send().await;
        answer.assert_refused(400, "request.invalid");
        assert_eq!((answer.pointers(), answer.usage.calls), (vec!["/pictures/0".to_owned()], 0), "{id:.60}");
    }
}

#[tokio::test]
async fn attack_40_46_only_people_who_are_signed_in_and_there_make_listings() {
    let app = start().await;
    let mina = app.user("mina").await;
    let request = app.post(CREATE).json(lamp(&[])).idempotency_key("k");
    sweeps::assert_needs_sign_in(&request, &app.token_of(&mina)).await;
    create(&app, &app.deleted_user(), lamp(&[]), "k").send().await.assert_refused(401, "auth.sign_in_needed");
    assert_nothing_was_made(&app);
}

#[tokio::test]
async fn attack_40_46_whose_session_ends_while_the_listing_is_on_its_way_makes_none() {
    let app = start().await;
    let mina = app.user("mina").await;
    // Long enough for the account to be shut after it was looked at, on a busy machine too.
    app.fail(vec![FaultRule::always(Engine::Database, FaultKind::SlowMs(1_000)).on("TransactWriteItems")]);
    let shut = async {
        while !app.engines().meter().since(0).iter().any(|call| call.operation == "Query") {
            tokio::task::yield_now().await;
        }
        let changes = vec![Change::Set("epoch", 1_i64.into())];
        app.table().update(&User::key(mina.id), changes, Condition::Present).await.unwrap();
    };
    let (answer, ()) = tokio::join!(create(&app, &mina, lamp(&[]), "k").send(), shut);
    answer.assert_refused(401, "auth.sign_in_needed");
    assert_nothing_was_made(&app);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_76_a_seller_makes_200_listings_a_day() {
    let app = start().await;
    let (mina, ben) = (app.user("mina").await, app.user("ben").await);
    let make = |key: &str| create(&app, &mina, plain("Chair", "furniture"), key);
    let first = make("key-0").send().await;
    assert_eq!(first.header("ratelimit-policy"), Some(r#""listings-seller";q=200;w=86400"#));
    for number in 1..192 {
        assert_eq!(make(&format!("key-{number}")).send().await.status, 201, "{number}");
    }
    let answers = TestRequest::all_at_once((192..208).map(|n| make(&format!("key-{n}"))).collect()).await;
    let too_many = (429, "catalog.too_many_listings".to_owned());
    assert_eq!(counted(&answers), [((201, String::new()), 8), (too_many, 8)].into());
    assert_eq!(app.all::<Listing>().len(), 200);
    // The day of the tests begins at nine, and a day ends at midnight UTC.
    let answer = make("one-more").send().await;
    answer.assert_refused(429, "catalog.too_many_listings");
    assert_eq!(answer.retry_after_s(), Some(15 * 3_600));
    assert!(make("key-0").send().await.is_replayed());
    assert_eq!(create(&app, &ben, plain("Chair", "furniture"), "k").send().await.status, 201, "others are not held up");
    app.advance(Seconds::hours(15));
    assert_eq!(make("the-next-day").send().await.status, 201);
}

#[tokio::test]
async fn attack_58_59_61_63_only_the_json_of_this_request_is_taken() {
    let app = start().await;
    let mina = app.user("mina").await;
    let request = app.post(CREATE).as_user(&mina).idempotency_key("k");
    sweeps::assert_takes_only_its_json(&request, &lamp(&[])).await;
    assert_nothing_was_made(&app);
}
