//! What the tests of people who leave share: a person with everything that a person can have.

use std::{collections::BTreeSet, path::Path};

use domain::{
    Currency, Language, Money,
    auth::{CodePurpose, LoginProvider, LoginSubject},
    catalog::{CategoryId, ListingKind},
    ids::{ListingId, MediaId, StoreId, VariantId},
    media::{MediaPurpose, PictureType},
    orders::{Contact, OrderLine},
    processes::{Actor, sell::SellEvent},
    stores::stall_name,
    text::{Description, Email, ListingTitle, Nickname, PersonName, Phone},
    timestamp::Seconds,
};
use serde_json::{Value, json};
use shared::{
    Fault, FaultKind,
    api::{NoContent, job::WorkTime},
    aws::{Aws, CallLimits},
    random,
    store::{
        Item,
        addresses::Address,
        listings::{Card, CardStore, Listing, Stock, StockMove, Variant},
        logins::Login,
        media::{Media, MediaOutcome, Settling},
        orders::StoredOrder,
        outbox::{EffectState, OutboxEvent},
        stores::Store,
        users::User,
    },
    uploads::Uploads,
};
use testkit::{NewOrder, PASSWORD, TestApp, TestRequest, TestUser};

pub(crate) const DELETE_ME: &str = "users.delete_me";
pub(crate) const ERASE: &str = "users.erase_withdrawn";

const fn won(amount: i64) -> Money {
    Money { amount, currency: Currency::Krw }
}

/// What nobody but this person says, whatever they say it in.
pub(crate) fn marks(user: &TestUser) -> [String; 4] {
    let name = user.nickname.as_str();
    [format!("{name}@example.com"), name.to_owned(), format!("{name} of Teheran-ro"), phone_of(user)]
}

fn phone_of(user: &TestUser) -> String {
    // The digits of the id's end are as good as a number of one's own.
    let digits: String = user
        .id
        .to_string()
        .bytes()
        .rev()
        .take(8)
        .map(|byte| char::from(b"0123456789"[usize::from(byte % 10)]))
        .collect();
    format!("010{digits}")
}

pub(crate) fn shipping_of(user: &TestUser) -> Value {
    let name = format!("{} of Teheran-ro", user.nickname.as_str());
    json!({
        "name": name, "phone": phone_of(user), "postcode": "06236", "address": format!("4 {name}"),
        "address_detail": null, "memo": format!("ask for {name}"),
    })
}

pub(crate) fn withdraw<'a>(app: &'a TestApp, user: &TestUser) -> TestRequest<'a> {
    app.delete(DELETE_ME).as_user(user).json(json!({ "current_password": PASSWORD }))
}

/// The schedule, as it comes now.
pub(crate) async fn tick(app: &TestApp) {
    app.run_job(ERASE, json!({ "time": app.now() })).await.unwrap();
}

/// The person as they are stored; `None` when they are not.
pub(crate) async fn stored(app: &TestApp, user: &TestUser) -> Option<User> {
    app.table().get_user(user.id).await.unwrap()
}

/// Gives a person a session, an address, a place, a code on its way, and a listing of their own.
pub(crate) async fn furnish(app: &TestApp, user: &TestUser) -> Listing {
    app.session_of(user).await;
    let address = json!({ "shipping": shipping_of(user), "is_default": true });
    let key = format!("address-{}", user.id);
    let answer = app.post("users.add_address").as_user(user).json(address).idempotency_key(&key).send().await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    let place = json!({
        "coordinates": { "latitude": "37.497942", "longitude": "127.027621" },
        "area": { "city": user.nickname.as_str(), "district": null },
    });
    let answer = app.put("users.set_location").as_user(user).json(json!({ "location": place })).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    app.email_proof(user.email.as_str(), CodePurpose::Confirm).await;
    let login = Login {
        user_id: user.id,
        provider: LoginProvider::Google,
        subject: LoginSubject::parse(&format!("sub-{}", user.nickname.as_str())).unwrap(),
        email: Some(user.email.clone()),
        linked_at: app.now(),
    };
    let taken = || Fault::new(FaultKind::Corrupt, "the test's login is linked already");
    app.table().transaction().link_login(&login, taken, taken).commit().await.unwrap();
    let picture = upload(app, user).await;
    let answer = app.patch("users.update_me").as_user(user).json(json!({ "picture": picture })).send().await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let person = stored(app, user).await.unwrap();
    let stall = Store::stall(&person, stall_name(&user.nickname, Language::English), app.now());
    let taken = || Fault::new(FaultKind::Corrupt, "the name of the test's stall is taken");
    app.table().transaction().open_store(&stall, taken).commit().await.unwrap();
    offer(app, user, 3).await
}

/// A profile picture that is ready, with its objects.
async fn upload(app: &TestApp, user: &TestUser) -> MediaId {
    let uploads = Uploads::new(&Aws::new(&app.config().aws, CallLimits::within(10)).unwrap(), app.config());
    let id = MediaId::new(app.now(), random::entropy().unwrap());
    let media = Media::granted(id, user.id, MediaPurpose::Profile, PictureType::Jpeg, 1_000, app.now());
    app.table().grant_upload(&media, user.epoch, None, &NoContent).await.unwrap();
    uploads.write_original(id, PictureType::Jpeg, b"an original".as_slice().into()).await.unwrap();
    for size in MediaPurpose::Profile.rules().sizes {
        uploads.write_picture(id, *size, b"a picture".as_slice().into()).await.unwrap();
    }
    let outcome = MediaOutcome::Ready { pictures: Vec::new(), pictures_bytes: 27, original_bytes: 11 };
    assert_eq!(app.table().settle_media(&media, &outcome).await.unwrap(), Settling::Done);
    id
}

/// A listing of so many pieces.
pub(crate) async fn offer(app: &TestApp, seller: &TestUser, pieces: u32) -> Listing {
    let now = app.now();
    let (id, variant) =
        (ListingId::new(now, random::entropy().unwrap()), VariantId::new(now, random::entropy().unwrap()));
    let category_id: CategoryId = serde_json::from_value(json!("lighting")).unwrap();
    let title = ListingTitle::parse(&format!("Lamp by {}", seller.nickname.as_str())).unwrap();
    let seller_nickname = Nickname::parse(seller.nickname.as_str()).unwrap();
    let (store_id, store_name) = (StoreId::stall_of(seller.id), stall_name(&seller_nickname, Language::English));
    let card = Card {
        id,
        kind: ListingKind::Sell,
        title: title.clone(),
        category_id: category_id.clone(),
        price_from: won(12_000),
        prices_differ: false,
        picture: None,
        store: Some(CardStore { id: store_id, name: store_name.clone() }),
        seller_nickname: seller_nickname.clone(),
        created_at: now,
    };
    let listing = Listing {
        id,
        listing_kind: ListingKind::Sell,
        store_id,
        store_name,
        seller_id: seller.id,
        seller_nickname,
        category_id,
        title,
        description: Description::parse("Warm light.").unwrap(),
        options: Vec::new(),
        variants: vec![Variant { id: variant, option_values: Vec::new(), price: won(12_000) }],
        pictures: Vec::new(),
        price_from: won(12_000),
        created_at: now,
        closed: false,
        card,
    };
    let stock = Stock { listing_id: id, variant_id: variant, available: pieces, held: 0, sold: 0, sold_at: None };
    app.table().transaction().create_listing(&listing, &[stock]).commit().await.unwrap();
    listing
}

/// Two pieces of a listing, ordered by this person and not paid yet.
pub(crate) async fn place(app: &TestApp, buyer: &TestUser, listing: &Listing) -> StoredOrder {
    let new = app.new_order();
    app.place(NewOrder {
        buyer: Some(buyer.id),
        contact: Contact {
            name: PersonName::parse(&marks(buyer)[2]).unwrap(),
            phone: Phone::parse(&phone_of(buyer)).unwrap(),
            email: Email::parse(buyer.email.as_str()).unwrap(),
        },
        shipping: serde_json::from_value(shipping_of(buyer)).unwrap(),
        store_id: StoreId::stall_of(listing.seller_id),
        line: OrderLine { listing_id: listing.id, variant_id: listing.variants[0].id, ..new.line.clone() },
        ..new
    })
    .await
}

pub(crate) const PAY: [(SellEvent, Actor); 2] =
    [(SellEvent::BeginConfirmation, Actor::Buyer), (SellEvent::Approve, Actor::Provider)];
pub(crate) const RECEIVE: [(SellEvent, Actor); 4] = [
    (SellEvent::Prepare, Actor::Seller),
    (SellEvent::Ship, Actor::Seller),
    (SellEvent::Deliver, Actor::Seller),
    (SellEvent::ConfirmReceipt, Actor::Buyer),
];

/// Takes an order along these steps of its process, all at this moment.
pub(crate) async fn walk(app: &TestApp, order: StoredOrder, steps: &[(SellEvent, Actor)]) -> StoredOrder {
    app.walk(&order, steps).await
}

/// Moves pieces of a listing from available to held.
pub(crate) async fn hold(app: &TestApp, listing: &Listing, movement: StockMove) {
    let writes = app.table().transaction().move_stock(listing.id, listing.variants[0].id, movement, 1);
    writes.or_else(|_| Fault::new(FaultKind::Corrupt, "there is no such piece")).commit().await.unwrap();
}

/// The objects of removed pictures go, as the media service sweeps them a day later.
pub(crate) async fn sweep_pictures(app: &TestApp) {
    let uploads = Uploads::new(&Aws::new(&app.config().aws, CallLimits::within(10)).unwrap(), app.config());
    let mut removals = app.table().due_removals(app.now().plus(Seconds::days(1)));
    while let Some(id) = removals.next(&WorkTime::of(120)).await.unwrap() {
        let removal = app.table().get_media_removal(id).await.unwrap().unwrap();
        uploads.erase(id, removal.purpose).await.unwrap();
        app.table().finish_removal(&removal).await.unwrap();
    }
}

/// All mail leaves, as the notifications service sends it.
pub(crate) async fn deliver_mail(app: &TestApp) {
    for OutboxEvent { id, state, .. } in app.outbox() {
        if state == EffectState::Pending {
            let event = app.table().lease_event(id, app.now()).await.unwrap().unwrap();
            app.table().settle_event(&event, EffectState::Done, app.now()).await.unwrap();
        }
    }
}

fn kind(item: &Item) -> String {
    item.text("kind").unwrap_or_default().to_owned()
}

/// The kinds of items in which anything of a person is found: what they say, and their id.
pub(crate) fn traces(app: &TestApp, user: &TestUser) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut said, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for item in app.items() {
        let text = format!("{item:?}").to_lowercase();
        if marks(user).iter().any(|mark| text.contains(&mark.to_lowercase())) {
            said.insert(kind(&item));
        }
        if text.contains(&user.id.to_string()) {
            ids.insert(kind(&item));
        }
    }
    (said, ids)
}

/// Nothing that the person said is left, and their id stands only where the books need it.
pub(crate) fn assert_erased(app: &TestApp, user: &TestUser) {
    let (said, ids) = traces(app, user);
    assert!(said.is_empty(), "{} is found in {said:?}", user.nickname.as_str());
    for kind in &ids {
        let may_stay = ["audit_row", "holdings", "holdings_of_variant", "limit_counter", "order", "payment", "posting"];
        assert!(may_stay.contains(&kind.as_str()), "the id is in {kind}");
    }
    assert!(app.all::<Address>().iter().all(|address| address.user_id != user.id));
    let kept: Vec<MediaId> = app.all::<Media>().into_iter().map(|media| media.id).collect();
    for object in objects(app.engines().objects().folder()) {
        let is_kept = kept.iter().any(|id| object.contains(&id.to_string()));
        assert!(is_kept || !object.contains("med_"), "{object} is left");
    }
}

/// Every object of every bucket, by where it lies.
fn objects(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(objects(&path));
        } else {
            found.push(path.display().to_string());
        }
    }
    found
}
