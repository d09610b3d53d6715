//! Whose things are. Every route with an id in its path is asked by somebody to whom that id belongs,
//! and by somebody to whom it does not.

use std::fmt::Write as _;

use domain::{
    auth::{LoginProvider, LoginSubject},
    ids::{SessionId, StoreId},
};
use serde_json::{Value, json};
use shared::{Fault, FaultKind, api::caller::Access, random, store::logins::Login};
use testkit::{TestAnswer, TestApp, TestRequest, TestUser};

use crate::sweep::{Swept, endpoints, items, start, text};

/// Whether a thing is shown to anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// To anybody, by the routes that anybody may call. To whoever may not do more with it, those that do
    /// more answer as if it were not there.
    ToAll,
    /// To its owner alone. To everybody else it is not there.
    ToItsOwner,
}

/// What the parameters of paths name. A parameter that is not here fails the test below.
const THINGS: [(&str, Shown); 10] = [
    ("address_id", Shown::ToItsOwner),
    ("checkout_id", Shown::ToItsOwner),
    ("listing_id", Shown::ToAll),
    ("media_id", Shown::ToItsOwner),
    ("nickname", Shown::ToAll),
    ("order_id", Shown::ToItsOwner),
    ("provider", Shown::ToItsOwner),
    ("session_id", Shown::ToItsOwner),
    ("store_id", Shown::ToAll),
    ("user_id", Shown::ToAll),
];

/// Routes on which a parameter is only a name that all share, and the thing is the caller's own.
const ON_ONES_OWN: [&str; 3] = ["auth.start_oauth", "auth.finish_oauth", "auth.link_login"];

/// Makes what a parameter names, for this person, and gives its id.
async fn make(app: &TestApp, person: &TestUser, parameter: &str) -> String {
    match parameter {
        "address_id" => {
            let body = json!({ "shipping": shipping(), "is_default": false });
            id_of(&app.post("users.add_address").as_user(person).json(body), "/id").await
        }
        "checkout_id" => {
            order(app, person).await;
            let keys = app.items().into_iter().filter(|item| item.text("buyer") == Some(&person.id.to_string()));
            keys.filter_map(|item| Some(item.text("pk")?.strip_prefix("CHECKOUT#")?.to_owned())).next().unwrap()
        }
        "listing_id" => list(app, person).await["id"].as_str().unwrap().to_owned(),
        "media_id" => {
            let body = json!({ "purpose": "profile", "content_type": "image/jpeg", "size_bytes": 1_000 });
            id_of(&app.post("media.create_upload").as_user(person).json(body), "/media_id").await
        }
        "nickname" => person.nickname.to_string(),
        "order_id" => order(app, person).await,
        "provider" => {
            let login = Login {
                user_id: person.id,
                provider: LoginProvider::Google,
                subject: LoginSubject::parse(&format!("sub-{}", person.nickname)).unwrap(),
                email: Some(person.email.clone()),
                linked_at: app.now(),
            };
            let taken = || Fault::new(FaultKind::Corrupt, "the test's login is linked already");
            app.table().transaction().link_login(&login, taken, taken).commit().await.unwrap();
            "google".to_owned()
        }
        "session_id" => {
            let session = SessionId::new(app.now(), random::entropy().unwrap());
            let _ = app.session_of(&TestUser { session, ..person.clone() }).await;
            session.to_string()
        }
        "store_id" => {
            let _ = list(app, person).await;
            StoreId::stall_of(person.id).to_string()
        }
        "user_id" => person.id.to_string(),
        new => panic!(
            "the parameter {new} is new: say in THINGS who may see what it names, and here how somebody comes to have \
             such a thing, so that the routes with it are asked by others too"
        ),
    }
}

/// The id of something of the same kind that is not there.
fn none_of(made: &str) -> String {
    match made {
        "google" => "kakao".to_owned(),
        id if id.contains('_') => {
            let kept = id.len().saturating_sub(8);
            format!("{}0000zzzz", &id[..kept])
        }
        name => format!("{name}0"),
    }
}

async fn id_of(request: &TestRequest<'_>, pointer: &str) -> String {
    let key = format!("made-{:x?}", random::bytes::<8>().unwrap()).replace(['[', ']', ',', ' '], "");
    let answer = request.clone().idempotency_key(&key).send().await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    answer.json().pointer(pointer).unwrap().as_str().unwrap().to_owned()
}

/// Something that this person offers in their stall.
async fn list(app: &TestApp, person: &TestUser) -> Value {
    let body = json!({
        "kind": "sell", "title": "Chair", "description": "As good as new.", "category_id": "furniture",
        "variants": [{ "option_values": [], "price": { "amount": 12_000, "currency": "KRW" }, "stock": 3 }],
    });
    let id = id_of(&app.post("catalog.create_listing").as_user(person).json(body), "/id").await;
    app.get("catalog.get_listing").path("listing_id", id).send().await.json()
}

/// An order that this person placed, of what their own stall offers: so it is theirs, and their store's.
async fn order(app: &TestApp, person: &TestUser) -> String {
    let before = orders(app);
    let listing = list(app, person).await;
    let body = json!({
        "lines": [{ "listing_id": listing["id"], "variant_id": listing["variants"][0]["id"], "quantity": 1 }],
        "contact": { "name": "Kim Mina", "phone": "010-1234-5678", "email": person.email.as_str() },
        "shipping": shipping(),
    });
    let key = format!("order-{}", before.len());
    let answer = app.post("checkout.create_checkout").as_user(person).json(body).idempotency_key(&key).send().await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    orders(app).into_iter().find(|id| !before.contains(id)).unwrap()
}

fn orders(app: &TestApp) -> Vec<String> {
    let keys = app.items().into_iter().filter(|item| item.text("sk") == Some("ORDER"));
    keys.filter_map(|item| Some(item.text("pk")?.strip_prefix("ORDER#")?.to_owned())).collect()
}

fn shipping() -> Value {
    json!({
        "name": "Kim Mina", "phone": "01012345678", "postcode": "06236", "address": "12 Teheran-ro",
        "address_detail": null, "memo": null,
    })
}

/// Everything of an answer but what is each request's own.
fn shape(answer: &TestAnswer) -> String {
    let mut shape = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        if !matches!(*name, "x-request-id" | "ratelimit") {
            writeln!(shape, "{name}: {value}").unwrap();
        }
    }
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if let Some(body) = body.as_object_mut() {
        body.remove("instance");
    }
    format!("{shape}{body}")
}

/// A request with these values in its path, by this person.
fn ask<'a>(app: &'a TestApp, swept: &Swept, values: &[String], person: &TestUser) -> TestRequest<'a> {
    let names = swept.path.iter().map(|(name, _)| name.clone());
    let path: Vec<(String, String)> = names.zip(values.iter().cloned()).collect();
    swept.signed(swept.bare(app, &path), person)
}

/// What is made for a route's whole path.
async fn things(app: &TestApp, person: &TestUser, swept: &Swept) -> Vec<String> {
    let mut made = Vec::new();
    for (name, _) in &swept.path {
        // The last of a path is in what stands before it: an order in its store.
        made.push(make(app, person, name).await);
    }
    made
}

/// Whether the route shows what its path names to everybody.
fn is_for_all(swept: &Swept) -> bool {
    let shown = |name: &str| THINGS.iter().find(|(known, _)| *known == name).map(|(_, shown)| *shown);
    let anybody = matches!(swept.access, Access::Public | Access::PublicOrUser | Access::SameSite);
    anybody && swept.path.iter().all(|(name, _)| shown(name) == Some(Shown::ToAll))
}

fn with_things() -> Vec<Swept> {
    let all = endpoints().into_iter().filter(|swept| !swept.path.is_empty());
    let all: Vec<Swept> = all.filter(|swept| !ON_ONES_OWN.contains(&swept.route.id)).collect();
    assert!(all.len() >= 10, "only {} routes have something in their path: this tests nothing", all.len());
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_1_4_7_what_is_somebody_elses_is_answered_like_what_is_not_there() {
    for swept in with_things().iter().filter(|swept| !is_for_all(swept)) {
        let id = swept.route.id;
        let (app, owner) = start().await;
        let stranger = app.user("stranger").await;
        let _ = app.session_of(&stranger).await;
        let theirs = things(&app, &owner, swept).await;
        // What the stranger has of their own counts only beside something of the owner's.
        let own = if theirs.len() > 1 { things(&app, &stranger, swept).await } else { theirs.clone() };
        let before = items(&app);
        // Every choice of which places name the owner's things.
        for choice in 1_u32..1 << theirs.len() {
            let is_theirs = |place: usize| choice & (1 << place) != 0;
            let mix = |of_owner: &dyn Fn(&String) -> String| -> Vec<String> {
                let places = theirs.iter().zip(&own).enumerate();
                places.map(|(place, (its, mine))| if is_theirs(place) { of_owner(its) } else { mine.clone() }).collect()
            };
            let (known, unknown) = (mix(&String::clone), mix(&|its| none_of(its)));
            let there = ask(&app, swept, &known, &stranger).send().await;
            let nowhere = ask(&app, swept, &unknown, &stranger).send().await;
            assert_eq!(there.status, 404, "{id} {known:?}: {}", text(&there));
            assert_eq!(shape(&there), shape(&nowhere), "{id} tells {known:?} from {unknown:?}");
        }
        assert!(items(&app) == before, "{id}: something was written");
        // The owner gets another answer, or else the above shows nothing.
        let owners = ask(&app, swept, &theirs, &owner).send().await;
        assert_ne!(owners.status, 404, "{id} {theirs:?}: {}", text(&owners));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_1_what_anybody_may_see_looks_the_same_to_its_owner_and_to_others() {
    let mut asked = 0_u32;
    for swept in with_things().iter().filter(|swept| is_for_all(swept)) {
        let id = swept.route.id;
        let (app, owner) = start().await;
        let stranger = app.user("stranger").await;
        let theirs = things(&app, &owner, swept).await;
        let shown = ask(&app, swept, &theirs, &stranger).send().await;
        assert_eq!(shown.status, 200, "{id} {theirs:?}: {}", text(&shown));
        assert_eq!(shape(&shown), shape(&ask(&app, swept, &theirs, &owner).send().await), "{id}");
        asked = asked.saturating_add(1);
    }
    assert!(asked >= 3, "only {asked} routes are for all: this tests nothing");
}

#[test]
fn every_parameter_is_said_to_name_something_and_nothing_is_said_of_one_that_is_gone() {
    let all = endpoints();
    let used = |name: &str| all.iter().any(|swept| swept.path.iter().any(|(parameter, _)| parameter == name));
    for swept in &all {
        for (name, _) in &swept.path {
            let known = THINGS.iter().any(|(known, _)| known == name);
            assert!(known, "{} has the new parameter {name}: say in THINGS who may see what it names", swept.route.id);
        }
    }
    for (name, _) in THINGS {
        assert!(used(name), "no path has {name} any more: take it out of THINGS");
    }
    for id in ON_ONES_OWN {
        assert!(all.iter().any(|swept| swept.route.id == id), "there is no {id} any more: take it out of ON_ONES_OWN");
    }
}
