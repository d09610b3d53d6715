//! What the tests of the catalogue need first: sellers' pictures, drafts, listings.

use std::collections::BTreeMap;

use domain::{
    catalog::{Category, CategoryId, CategoryOverride},
    ids::MediaId,
    media::{MediaPurpose, MediaState, PictureType, Refusal},
};
use serde_json::{Value, json};
use shared::{
    random,
    store::{
        listings::{Listing, Stock},
        media::Media,
    },
};
use testkit::{TestAnswer, TestApp, TestRequest, TestUser};

pub(crate) async fn start() -> TestApp {
    TestApp::start(&catalog::SERVICE).await
}

pub(crate) fn won(amount: i64) -> Value {
    json!({ "amount": amount, "currency": "KRW" })
}

/// A desk lamp in two colours and two sizes, of which one combination is not made.
pub(crate) fn lamp(pictures: &[MediaId]) -> Value {
    let variant = |colour: &str, size: &str, price: i64, stock: u32| json!({ "option_values": [colour, size], "price": won(price), "stock": stock });
    json!({
        "kind": "sell",
        "title": "Oak desk lamp",
        "description": "Warm light.\nSolid oak.",
        "category_id": "lighting",
        "currency": "KRW",
        "options": [
            { "name": "colour", "values": ["white", "black"] },
            { "name": "size", "values": ["S", "L"] },
        ],
        "variants": [variant("white", "S", 39_000, 4), variant("white", "L", 45_000, 0), variant("black", "S", 37_500, 1)],
        "pictures": pictures,
    })
}

/// A thing without options: what the API takes without being told more.
pub(crate) fn plain(title: &str, category: &str) -> Value {
    json!({
        "kind": "sell", "title": title, "description": "As good as new.", "category_id": category,
        "variants": [{ "option_values": [], "price": won(12_000), "stock": 1 }],
    })
}

/// The draft with one field in place of what was there.
pub(crate) fn with(mut draft: Value, pointer: &str, value: Value) -> Value {
    *draft.pointer_mut(pointer).unwrap() = value;
    draft
}

pub(crate) fn create<'a>(app: &'a TestApp, seller: &TestUser, draft: Value, key: &str) -> TestRequest<'a> {
    app.post("catalog.create_listing").as_user(seller).json(draft).idempotency_key(key)
}

/// A listing that was made now, as the API answers it.
pub(crate) async fn listed(app: &TestApp, seller: &TestUser, draft: Value, key: &str) -> Value {
    let answer = create(app, seller, draft, key).send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.json()
}

/// An upload of this person, as it stands in the table after the media service was there.
pub(crate) async fn picture(app: &TestApp, owner: &TestUser, state: MediaState) -> MediaId {
    let now = app.now();
    let granted = Media::granted(no_picture(app), owner.id, MediaPurpose::Listing, PictureType::Jpeg, 1_000, now);
    let refusal = (state == MediaState::Refused).then_some(Refusal::Damaged);
    let media = Media { state, refusal, ..granted };
    app.table().transaction().create(&media).commit().await.unwrap();
    media.id
}

/// The id of a picture that is not there.
pub(crate) fn no_picture(app: &TestApp) -> MediaId {
    MediaId::new(app.now(), random::entropy().unwrap())
}

/// What an admin stored about a category.
pub(crate) async fn category(app: &TestApp, id: &str, position: u32, hidden: bool) {
    let category = Category {
        id: CategoryId::parse(id).unwrap(),
        name: "Plants".to_owned(),
        name_ko: "식물".to_owned(),
        position,
    };
    app.table().transaction().create(&CategoryOverride { category, hidden }).commit().await.unwrap();
}

#[track_caller]
pub(crate) fn assert_nothing_was_made(app: &TestApp) {
    assert_eq!((app.all::<Listing>().len(), app.all::<Stock>().len()), (0, 0));
}

/// How many answers have each status and code.
pub(crate) fn counted(answers: &[TestAnswer]) -> BTreeMap<(u16, String), usize> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for answer in answers {
        let count = counts.entry((answer.status, answer.problem_code())).or_default();
        *count = count.saturating_add(1);
    }
    counts
}
