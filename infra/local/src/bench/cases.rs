//! A representative event for each function. A function that is not here is started and weighed, and
//! the table says that it was not asked anything.

use domain::Timestamp;
use serde_json::{Value, json};

use super::{
    BenchError,
    world::{Ask, PASSWORD, World, text},
};

/// So many events for a function, each of them good once; `None` when nobody has written one.
pub(super) async fn events(world: &mut World, id: &str, count: usize) -> Result<Option<Vec<Value>>, BenchError> {
    world.sign_in().await?;
    world.new_effects()?;
    let mut events = Vec::with_capacity(count);
    for _ in 0..count {
        match event(world, id).await? {
            Some(event) => events.push(event),
            None => return Ok(None),
        }
    }
    Ok(Some(events))
}

async fn event(world: &mut World, id: &str) -> Result<Option<Value>, BenchError> {
    if let Some(ask) = ask(world, id).await? {
        return world.event(id, &ask).map(Some);
    }
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
        | "notifications.sweep_outbox" => Some(json!({"time": world.engines().clock().now().to_string()})),
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
        "ops.get_health" | "ops.get_openapi" | "catalog.list_categories" => Ask::default(),
        "catalog.list_listings" => Ask { query: "category_id=lighting", ..Ask::default() },
        "catalog.get_listing" => Ask::of(&text(&world.listing, "/id")?),
        "catalog.create_listing" => {
            let picture = text(&world.listing, "/pictures/0/media_id")?;
            world.listing_ask(&picture)
        }
        "auth.start_totp" => Ask::body(json!({ "current_password": PASSWORD })).header("authorization", world.bearer()),
        "users.get_me" => Ask::default().header("authorization", world.bearer()),
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
            let code = world.code(&email).await?;
            Ask::body(json!({"email": email, "purpose": "sign_up", "code": code}))
        }
        "auth.sign_up" => {
            let email = world.email();
            let proof = world.proof(&email).await?;
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
        "orders.get_order" => {
            let checkout = checkout(world).await?;
            Ask::of(&text(&checkout, "/order/id")?).header("order-secret", text(&checkout, "/order_secret")?)
        }
        _ => return Ok(None),
    }))
}

pub(super) async fn checkout(world: &mut World) -> Result<Value, BenchError> {
    let ask = world.checkout_ask();
    world.call("checkout.create_checkout", ask).await
}
