//! One purchase, step by step, and what it costs at the list prices of the local cloud.

use std::time::Duration;

use engines::{Engine, Units};
use serde_json::{Value, json};
use shared::meter::Usage;

use super::{
    BenchError, body_of,
    measure::{Consumed, Measured},
    world::{Ask, World, text},
};
use crate::requests::{Entry, PicoDollars, price, sent_since};

/// A time that no function reaches on Lambda when it is warm: the price with it is a bound.
const BOUND: Duration = Duration::from_millis(100);

/// A call of the purchase.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) consumed: Consumed,
    pub(super) mails: u64,
    /// What it is billed for.
    pub(super) time: Duration,
    /// Whether the time is that of the measured binary. Otherwise it is that of the function linked
    /// into the bench, in a build for development: too long.
    pub(super) is_measured: bool,
    pub(super) price: PicoDollars,
    price_at_bound: PicoDollars,
    part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What leads from the checkout to the payment.
    Payment,
    Mail,
    /// What a browser reads before and after.
    Reading,
}

/// A whole purchase.
#[derive(Debug)]
pub(super) struct Purchase {
    pub(super) steps: Vec<Step>,
}

impl Purchase {
    fn sum(&self, of: impl Fn(&Step) -> PicoDollars, parts: &[Part]) -> PicoDollars {
        let steps = self.steps.iter().filter(|step| parts.contains(&step.part));
        steps.fold(PicoDollars::default(), |sum, step| sum.plus(of(step)))
    }

    /// From the checkout to the payment, without mails.
    pub(super) fn to_paid(&self) -> PicoDollars {
        self.sum(|step| step.price, &[Part::Payment])
    }

    /// From the checkout to the payment, if each call were billed for 100 ms: what is counted, without
    /// anything that is timed.
    pub(super) fn to_paid_at_bound(&self) -> PicoDollars {
        self.sum(|step| step.price_at_bound, &[Part::Payment])
    }

    /// The same with the mails that it sends.
    pub(super) fn with_mails(&self) -> PicoDollars {
        self.sum(|step| step.price, &[Part::Payment, Part::Mail])
    }

    /// The same with what a browser reads.
    pub(super) fn whole(&self) -> PicoDollars {
        self.sum(|step| step.price, &[Part::Payment, Part::Mail, Part::Reading])
    }

    /// The whole, if each call were billed for 100 ms.
    pub(super) fn whole_at_bound(&self) -> PicoDollars {
        self.sum(|step| step.price_at_bound, &[Part::Payment, Part::Mail, Part::Reading])
    }
}

/// Buys one thing as a guest: looks at a category, at the listing, checks out, pays, gets mail, looks
/// at the order.
pub(super) async fn purchase(world: &mut World, measured: &[Measured]) -> Result<Purchase, BenchError> {
    let mut steps = Vec::new();
    world.new_effects()?;
    let list = Ask { query: "category_id=lighting".to_owned(), ..Ask::default() };
    steps.push(step(world, measured, Part::Reading, "catalog.list_listings", &list).await?.0);
    let listing = Ask::of(&text(&world.listing, "/id")?);
    steps.push(step(world, measured, Part::Reading, "catalog.get_listing", &listing).await?.0);
    let ask = world.checkout_ask();
    let (done, checkout) = step(world, measured, Part::Payment, "checkout.create_checkout", &ask).await?;
    steps.push(done);
    let ask = world.confirm_ask(&checkout)?;
    steps.push(step(world, measured, Part::Payment, "checkout.confirm_payment", &ask).await?.0);
    let records = world.new_effects()?;
    if !records.is_empty() {
        let event = json!({"Records": records});
        steps.push(run(world, measured, Part::Mail, "notifications.deliver_outbox", event).await?.0);
    }
    let order =
        Ask::of(&text(&checkout, "/checkout/orders/0/id")?).header("order-secret", text(&checkout, "/order_secret")?);
    steps.push(step(world, measured, Part::Reading, "orders.get_order", &order).await?.0);
    Ok(Purchase { steps })
}

async fn step(
    world: &mut World,
    measured: &[Measured],
    part: Part,
    id: &str,
    ask: &Ask,
) -> Result<(Step, Value), BenchError> {
    let event = world.event(id, ask)?;
    let (step, answer) = run(world, measured, part, id, event).await?;
    let body = body_of(id, &answer)?;
    Ok((step, serde_json::from_str(&body).unwrap_or_default()))
}

async fn run(
    world: &World,
    measured: &[Measured],
    part: Part,
    id: &str,
    event: Value,
) -> Result<(Step, Value), BenchError> {
    let function = world.function(id)?;
    let meter = world.engines().meter();
    let first = meter.next();
    let begun = std::time::Instant::now();
    let answer = world.run(id, event).await?;
    let linked = begun.elapsed();
    let mut consumed = Consumed::default();
    let mut refused = 0_u64;
    for call in meter.since(first).into_iter().filter(|call| call.caller == function.name) {
        if call.engine == Engine::Database {
            consumed.calls = consumed.calls.saturating_add(1);
            consumed.read_units = consumed.read_units.plus(call.read_units);
            consumed.write_units = consumed.write_units.plus(call.write_units);
            refused = refused.saturating_add(u64::from(call.status >= 300));
        }
    }
    if refused > 0 {
        return Err(BenchError::World(format!("{id}: the database refused a call, whose price is not known")));
    }
    let (mails, objects_put) = sent_since(meter, first, function);
    let binary = measured.iter().find(|one| one.function.id == id).and_then(|one| one.answers);
    let time = binary.map_or(linked, |answers| answers.warm.p50);
    let halves = |units: Units| u32::try_from(units.in_halves()).unwrap_or(u32::MAX);
    let entry = Entry {
        time: world.engines().clock().now(),
        request_id: String::new(),
        operation: function.id,
        method: String::new(),
        path: String::new(),
        status: 200,
        code: None,
        fault: None,
        duration: time,
        memory_mb: function.memory_mb,
        through_gateway: part != Part::Mail,
        usage: Usage {
            read_half_units: halves(consumed.read_units),
            write_half_units: halves(consumed.write_units),
            ..Usage::default()
        },
        mails,
        objects_put,
    };
    let price_at_bound = price(&Entry { duration: BOUND, ..entry.clone() });
    let step = Step {
        name: function.name.clone(),
        consumed,
        mails,
        time,
        is_measured: binary.is_some(),
        price: price(&entry),
        price_at_bound,
        part,
    };
    Ok((step, answer))
}
