//! A representative event for each function. A function that is not here is started and weighed, and
//! the table says that it was not asked anything.

use domain::Timestamp;
use engines::{Engine, FaultKind, FaultPlan, FaultRule};
use serde_json::{Value, json};

use super::{
    BenchError,
    people::Person,
    world::{Ask, PASSWORD, World, text},
};

/// How many answers tell enough after the starts where one takes long to get ready.
const WARM_OF_COSTLY: usize = 30;

/// An event, and whether it took long to get ready: a picture, or a person of its own.
struct Case {
    event: Value,
    is_costly: bool,
}

/// The events for a function's starts and for its warm calls, each of them good once; `None` when nobody
/// has written one.
pub(super) async fn events(
    world: &mut World,
    id: &str,
    starts: usize,
    warm: usize,
) -> Result<Option<Vec<Value>>, BenchError> {
    world.sign_in().await?;
    world.new_effects()?;
    let mut count = starts.saturating_add(warm);
    let mut events = Vec::with_capacity(count);
    while events.len() < count {
        let Some(Case { event, is_costly }) = case(world, id).await? else { return Ok(None) };
        events.push(event);
        if is_costly {
            count = starts.saturating_add(warm.min(WARM_OF_COSTLY));
        }
    }
    Ok(Some(events))
}

async fn case(world: &mut World, id: &str) -> Result<Option<Case>, BenchError> {
    if let Some(ask) = ask(world, id).await? {
        return Ok(Some(Case { event: world.event(id, &ask)?, is_costly: false }));
    }
    if let Some(ask) = ask_of_a_person(world, id).await? {
        return Ok(Some(Case { event: world.event(id, &ask)?, is_costly: true }));
    }
    let event = event(world, id).await?;
    Ok(event.map(|event| Case { event, is_costly: id == "media.process_upload" }))
}

/// The event of a job.
async fn event(world: &mut World, id: &str) -> Result<Option<Value>, BenchError> {
    Ok(match id {
        "notifications.deliver_outbox" => {
            // The mails of a payment that was taken.
            let checkout = checkout(world).await?;
            let ask = world.confirm_ask(&checkout)?;
            world.call("checkout.confirm_payment", ask).await?;
            Some(json!({"Records": world.new_effects()?}))
        }
        "media.process_upload" => Some(world.upload().await?.event),
        "notifications.note_mail_event" => Some(bounce(&world.email(), world.engines().clock().now())),
        // Schedules that find nothing to do, which is most of them.
        "checkout.expire_holds"
        | "checkout.reconcile_payments"
        | "media.sweep_grants"
        | "notifications.sweep_outbox"
        | "orders.carry_out_refunds"
        | "orders.confirm_receipts"
        | "users.erase_withdrawn" => Some(json!({"time": world.engines().clock().now().to_string()})),
        _ => None,
    })
}

/// An address that bounced, as SES tells it.
fn bounce(address: &str, at: Timestamp) -> Value {
    json!({"time": at, "detail": {"bounce": {
        "bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": address}], "timestamp": at,
        "feedbackId": format!("of-{address}"),
    }}})
}

async fn ask(world: &mut World, id: &str) -> Result<Option<Ask>, BenchError> {
    Ok(Some(match id {
        "ops.get_health" | "ops.get_openapi" | "ops.refuse_unknown" | "catalog.list_categories" => Ask::default(),
        "catalog.list_listings" => Ask { query: "category_id=lighting".to_owned(), ..Ask::default() },
        "catalog.get_listing" => Ask::of(&text(&world.listing, "/id")?),
        "catalog.create_listing" => {
            let picture = text(&world.listing, "/pictures/0/media_id")?;
            world.listing_ask(&picture)
        }
        "auth.check_nickname" => Ask::of("somebody"),
        "auth.start_oauth" => Ask::of("google"),
        "auth.get_jwks" => Ask::default(),
        "auth.list_logins" | "users.get_me" | "users.list_addresses" | "users.list_sessions" => {
            Ask::default().header("authorization", world.bearer())
        }
        "users.update_me" => Ask::body(json!({ "language": "ko" })).header("authorization", world.bearer()),
        "users.set_location" => {
            let coordinates = json!({ "latitude": "37.497942", "longitude": "127.027621" });
            let place = json!({ "coordinates": coordinates, "area": { "city": "Seoul", "district": "Gangnam" } });
            Ask::body(json!({ "location": place })).header("authorization", world.bearer())
        }
        "users.get_user" => Ask::of(&text(&world.listing, "/seller/id")?),
        "media.create_upload" => world.upload_ask(500_000).await?,
        "media.delete_media" => {
            let ask = world.upload_ask(500_000).await?;
            let grant = world.call("media.create_upload", ask).await?;
            Ask::of(&text(&grant, "/media_id")?).header("authorization", world.bearer())
        }
        "media.get_media" | "media.get_original" => {
            Ask::of(&text(&world.listing, "/pictures/0/media_id")?).header("authorization", world.bearer())
        }
        "auth.send_email_code" => Ask::body(json!({"email": world.email(), "purpose": "sign_up"})),
        "auth.verify_email_code" => {
            let email = world.email();
            let code = world.code(&email, "sign_up").await?;
            Ask::body(json!({"email": email, "purpose": "sign_up", "code": code}))
        }
        "auth.sign_up" => {
            let email = world.email();
            let proof = world.proof(&email, "sign_up").await?;
            world.sign_up_ask(&proof)
        }
        // An hour apart: an account may be tried only so often in a while.
        "auth.sign_in" => {
            let hours = world.number();
            Ask { hours, ..world.sign_in_ask() }
        }
        "checkout.create_checkout" => world.checkout_ask(),
        "checkout.confirm_payment" => {
            let checkout = checkout(world).await?;
            world.confirm_ask(&checkout)?
        }
        "checkout.get_checkout" => {
            let checkout = checkout(world).await?;
            Ask::of(&text(&checkout, "/checkout/id")?).header("order-secret", text(&checkout, "/order_secret")?)
        }
        "checkout.toss_webhook" => unsure(world).await?,
        "catalog.get_store" => Ask::of(&text(&world.listing, "/store/id")?),
        "orders.get_order" => {
            let checkout = checkout(world).await?;
            Ask::of(&text(&checkout, "/checkout/orders/0/id")?)
                .header("order-secret", text(&checkout, "/order_secret")?)
        }
        "orders.transition_order" => {
            let checkout = checkout(world).await?;
            Ask { body: Some(json!({ "action": "cancel" })), ..Ask::of(&text(&checkout, "/checkout/orders/0/id")?) }
                .header("order-secret", text(&checkout, "/order_secret")?)
                .header("idempotency-key", world.key())
        }
        "orders.list_orders" => Ask::default().header("authorization", world.bearer()),
        "orders.list_store_orders" => {
            let ask = Ask { query: "status=paid".to_owned(), ..Ask::of(&text(&world.listing, "/store/id")?) };
            ask.header("authorization", world.bearer())
        }
        "orders.transition_store_order" => {
            let checkout = checkout(world).await?;
            let confirmation = world.confirm_ask(&checkout)?;
            world.call("checkout.confirm_payment", confirmation).await?;
            let ask = Ask::of(&text(&world.listing, "/store/id")?);
            Ask { body: Some(json!({ "action": "prepare" })), ..ask }
                .and_of(&text(&checkout, "/checkout/orders/0/id")?)
                .header("authorization", world.bearer())
                .header("idempotency-key", world.key())
        }
        _ => return Ok(None),
    }))
}

/// What a person asks that changes them: of somebody new each time.
async fn ask_of_a_person(world: &mut World, id: &str) -> Result<Option<Ask>, BenchError> {
    let password = || json!({ "current_password": PASSWORD });
    Ok(Some(match id {
        "auth.refresh_session" | "auth.sign_out" => {
            let person = world.person().await?;
            Ask::body(json!({ "refresh_token": person.refresh_token }))
        }
        "auth.reset_password" => {
            let person = world.person().await?;
            let proof = world.proof(&person.email, "password_reset").await?;
            let body = json!({ "email_proof": proof, "password": "another lamp over the market" });
            Ask::body(body).header("idempotency-key", world.key())
        }
        "auth.start_totp" => world.person().await?.asks(Ask::body(password())),
        "auth.enable_totp" => {
            let (person, code) = world.person_with_totp_begun().await?;
            person.asks(Ask::body(json!({ "code": code })))
        }
        "auth.disable_totp" => {
            let (person, recovery_code) = world.person_with_totp().await?;
            person.asks(Ask::body(json!({ "current_password": PASSWORD, "recovery_code": recovery_code })))
        }
        "auth.sign_in_totp" => {
            let (person, recovery_code) = world.person_with_totp().await?;
            let challenge = world.challenge(&person.email).await?;
            Ask::body(json!({ "challenge": challenge, "recovery_code": recovery_code }))
        }
        "auth.finish_oauth" => world.stranger_from_provider().await?.ask(),
        "auth.complete_oauth" => world.completion().await?,
        "auth.link_login" => {
            let person = world.person().await?;
            person.asks(Ask { body: Some(password()), ..Ask::of("google") })
        }
        "auth.unlink_login" => {
            let person = world.person().await?;
            let returned = world.member_from_provider(&person).await?;
            world.call("auth.finish_oauth", returned.ask()).await?;
            person.asks(Ask::of("google"))
        }
        "catalog.create_store" => {
            let person = world.person().await?;
            store(world, &person)
        }
        "catalog.update_store" => {
            let person = world.person().await?;
            let ask = store(world, &person);
            let store = world.call("catalog.create_store", ask).await?;
            person.asks(Ask { body: Some(json!({ "story": "Lamps by hand." })), ..Ask::of(&text(&store, "/id")?) })
        }
        "users.add_address" => {
            let person = world.person().await?;
            address(world, &person)
        }
        "users.update_address" | "users.remove_address" => {
            let person = world.person().await?;
            let ask = address(world, &person);
            let added = world.call("users.add_address", ask).await?;
            let ask = Ask::of(&text(&added, "/id")?);
            let body = (id == "users.update_address").then(|| json!({ "shipping": shipping() }));
            person.asks(Ask { body, ..ask })
        }
        "users.export_me" => world.person().await?.asks(Ask::default()),
        "users.change_password" => {
            let body = json!({ "password": "another lamp over the market", "current_password": PASSWORD });
            world.person().await?.asks(Ask::body(body))
        }
        "users.delete_session" => {
            let person = world.person().await?;
            let sessions = world.call("users.list_sessions", person.asks(Ask::default())).await?;
            person.asks(Ask::of(&text(&sessions, "/items/0/id")?))
        }
        "users.delete_me" => world.person().await?.asks(Ask::body(password())),
        _ => return Ok(None),
    }))
}

fn shipping() -> Value {
    json!({ "name": "Somebody", "phone": "010-1234-5678", "postcode": "06236", "address": "12 Teheran-ro, Seoul" })
}

fn store(world: &mut World, person: &Person) -> Ask {
    let name = format!("Oak & Linen {}", world.number());
    person.asks(Ask::body(json!({ "name": name })).header("idempotency-key", world.key()))
}

/// The webhook about a checkout whose money was taken and of which nobody knows it.
async fn unsure(world: &mut World) -> Result<Ask, BenchError> {
    let checkout = checkout(world).await?;
    let ask = world.confirm_ask(&checkout)?;
    let faults = world.engines().faults().clone();
    let fails = |operation, kind| FaultRule::always(Engine::Toss, kind).on(operation);
    let rules = vec![fails("confirm", FaultKind::TimeOutAfterApply), fails("fetch", FaultKind::ServerError)];
    faults.set(FaultPlan { seed: 0, rules });
    let confirmed = world.call("checkout.confirm_payment", ask).await;
    faults.set(FaultPlan { seed: 0, rules: Vec::new() });
    confirmed?;
    let id = text(&checkout, "/checkout/id")?;
    let told = json!({
        "eventType": "PAYMENT_STATUS_CHANGED", "createdAt": "2026-11-21T21:00:30.000000",
        "data": { "orderId": id, "status": "DONE", "lastTransactionKey": id },
    });
    Ok(Ask::body(told).header("tosspayments-webhook-transmission-id", format!("whtrans_{id}")))
}

fn address(world: &mut World, person: &Person) -> Ask {
    let ask = Ask::body(json!({ "shipping": shipping(), "is_default": true })).header("idempotency-key", world.key());
    person.asks(ask)
}

pub(super) async fn checkout(world: &mut World) -> Result<Value, BenchError> {
    let ask = world.checkout_ask();
    world.call("checkout.create_checkout", ask).await
}
