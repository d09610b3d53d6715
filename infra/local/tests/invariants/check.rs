//! The invariants of reference I1 to I10, against everything in the table and at the provider.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::OrderId,
    ledger::{Account, Posting, balances},
    orders::OrderStatus,
    payments::PaymentProvider,
    processes::sell::SELL,
    text::Email,
};
use engines::toss::Status;
use shared::store::{
    audit::AuditRow,
    listings::Stock,
    orders::{PaymentOwner, StoredOrder},
    outbox::{Effect, EffectState},
};

use crate::world::World;

pub(crate) async fn violations(world: &World) -> Vec<String> {
    let orders: Vec<StoredOrder> = world.app.all();
    let mut found = Vec::new();
    found.extend(acknowledged_orders_exist(world, &orders));
    found.extend(stock_is_conserved(world, &orders));
    found.extend(every_order_is_at_rest(&orders));
    found.extend(money_and_orders_agree(world, &orders));
    found.extend(books_balance(world, &orders));
    found.extend(only_steps_of_the_process(world, &orders));
    found.extend(every_effect_happened(world, &orders));
    found
}

/// Who was told of an order has one.
fn acknowledged_orders_exist(world: &World, orders: &[StoredOrder]) -> Vec<String> {
    let there: BTreeSet<OrderId> = orders.iter().map(|order| order.id).collect();
    world
        .order_ids()
        .into_iter()
        .filter(|id| !there.contains(id))
        .map(|id| format!("{id} was acknowledged and is gone"))
        .collect()
}

/// I1, I2: what is available, held and sold adds up, and is what the orders say.
fn stock_is_conserved(world: &World, orders: &[StoredOrder]) -> Vec<String> {
    let pieces_in = |variant: &str, states: &[OrderStatus]| -> u32 {
        orders
            .iter()
            .filter(|order| states.contains(&order.status))
            .flat_map(|order| &order.lines)
            .filter(|line| line.variant_id.to_string() == variant)
            .map(|line| line.quantity.get())
            .sum()
    };
    let mut found = Vec::new();
    // A negative count does not even read as stock.
    let stocks: BTreeMap<String, Stock> = world
        .app
        .items()
        .into_iter()
        .filter(|item| item.is(shared::store::Kind::STOCK))
        .filter_map(|item| match item.read::<Stock>() {
            Ok(stock) => Some((stock.variant_id.to_string(), stock)),
            Err(fault) => {
                found.push(format!("I1: a stock is out of range: {}", fault.chain()));
                None
            }
        })
        .collect();
    for goods in &world.goods {
        let Some(stock) = stocks.get(&goods.variant_id) else { continue };
        if stock.available + stock.held + stock.sold != goods.stock {
            found.push(format!("I1: {stock:?} does not add up to {}", goods.stock));
        }
        let held = pieces_in(&goods.variant_id, &[OrderStatus::Pending, OrderStatus::Confirming]);
        let sold = pieces_in(&goods.variant_id, &[OrderStatus::Paid]);
        if (stock.held, stock.sold) != (held, sold) {
            found.push(format!("I2: {stock:?}, but orders hold {held} and bought {sold}"));
        }
    }
    found
}

/// I2, I4: in the end no order waits: it is paid or it is over.
fn every_order_is_at_rest(orders: &[StoredOrder]) -> Vec<String> {
    orders
        .iter()
        .filter(|order| !matches!(order.status, OrderStatus::Paid | OrderStatus::Expired))
        .map(|order| format!("I2: {} is still {:?}", order.id, order.status))
        .collect()
}

/// I3, I4: money that the provider holds belongs to exactly one paid order over exactly that sum,
/// and the other way round.
fn money_and_orders_agree(world: &World, orders: &[StoredOrder]) -> Vec<String> {
    let mut found = Vec::new();
    let taken: Vec<_> =
        world.app.toss().state().payments().into_iter().filter(|payment| payment.status == Status::Done).collect();
    for payment in &taken {
        let paid_by_it: Vec<_> = orders
            .iter()
            .filter(|order| order.status == OrderStatus::Paid)
            .filter(|order| order.payment.key.as_ref().is_some_and(|key| key.as_str() == payment.payment_key))
            .collect();
        match paid_by_it.as_slice() {
            [order] if order.id.to_string() == payment.order_id && order.total == payment.captured => {}
            [] => found.push(format!("I4: {} was paid and is not: {payment:?}", payment.order_id)),
            _ => found.push(format!("I4: {payment:?} pays {} orders, or the wrong one", paid_by_it.len())),
        }
    }
    let owners: Vec<PaymentOwner> = world.app.all();
    for order in orders.iter().filter(|order| order.status == OrderStatus::Paid) {
        let payments = taken.iter().filter(|payment| payment.order_id == order.id.to_string()).count();
        if payments != 1 {
            found.push(format!("I4: {} is paid by {payments} payments", order.id));
        }
        // The provider refuses another order's payment too; we do not rely on it.
        let owner = owners.iter().find(|owner| Some(&owner.payment_key) == order.payment.key.as_ref());
        if owner.is_none_or(|owner| owner.order_id != order.id) {
            found.push(format!("I4: the payment of {} belongs to {owner:?}", order.id));
        }
    }
    found
}

/// I7, P9: one sale for each paid order, and together exactly what the provider owes us.
fn books_balance(world: &World, orders: &[StoredOrder]) -> Vec<String> {
    let postings: Vec<Posting> = world.app.all();
    let mut found = Vec::new();
    for order in orders {
        let sales = postings.iter().filter(|posting| posting.order_id() == order.id).count();
        let expected = usize::from(order.status == OrderStatus::Paid);
        if sales != expected {
            found.push(format!("I7: {} is {:?} and has {sales} postings", order.id, order.status));
        }
    }
    let accounts = balances(&postings);
    let sum: i128 = accounts.values().sum();
    if sum != 0 {
        found.push(format!("I7: the books are off by {sum}"));
    }
    let owed = accounts.get(&(Account::Provider(PaymentProvider::Toss), "KRW")).copied().unwrap_or(0);
    let held: i128 = world.app.toss().state().payments().iter().map(|payment| i128::from(payment.balance.amount)).sum();
    if owed != held {
        found.push(format!("I3: the books say {owed}, the provider holds {held}"));
    }
    found
}

/// I8, I15: the audit rows are a path through the process, and the order's history is that path.
fn only_steps_of_the_process(world: &World, orders: &[StoredOrder]) -> Vec<String> {
    let mut rows: Vec<AuditRow> = world.app.all();
    rows.sort_by_key(|row| row.version);
    let mut found = Vec::new();
    for row in &rows {
        let is_step = match row.from {
            None => row.to == SELL.start,
            Some(from) => SELL.transitions.iter().any(|step| {
                step.from == from
                    && step.to == row.to
                    && domain::processes::Event::name(step.event) == row.event
                    && step.actor.name() == row.actor
            }),
        };
        if !is_step {
            found.push(format!("I8: {row:?} is no step of the process"));
        }
    }
    for order in orders {
        let audited: Vec<OrderStatus> = rows.iter().filter(|row| row.order_id == order.id).map(|row| row.to).collect();
        let history: Vec<OrderStatus> = order.history.iter().map(|entry| entry.status).collect();
        if audited != history {
            found.push(format!("I15: the audit of {} says {audited:?}, its history {history:?}", order.id));
        }
    }
    found
}

/// I9, P10: each paid order's mail was sent, and once, save where an attempt was killed or
/// outlived its lease between the mail and our note of it.
fn every_effect_happened(world: &World, orders: &[StoredOrder]) -> Vec<String> {
    let mut found = Vec::new();
    let events = world.app.outbox();
    for event in events.iter().filter(|event| event.state != EffectState::Done) {
        found.push(format!("I9: {event:?} has not happened"));
    }
    let mut sent_twice = 0_usize;
    for order in orders.iter().filter(|order| order.status == OrderStatus::Paid) {
        let written = events
            .iter()
            .filter(|event| matches!(event.effect, Effect::MailOrderPaid { order_id, .. } if order_id == order.id))
            .count();
        let mails = world.app.engines().mailbox().list(Some(order.contact.email.as_str())).len();
        if written != 1 {
            found.push(format!("I9: {} wrote {written} events", order.id));
        }
        if mails == 0 {
            found.push(format!("I9: nobody was told that {} is paid", order.id));
        }
        sent_twice += mails.saturating_sub(1);
    }
    // An event that is over names nobody any more.
    let after_its_end = world.app.engines().mailbox().list(Some(Email::erased().as_str())).len();
    if after_its_end > 0 {
        found.push(format!("I9: {after_its_end} mails were sent of events that were over"));
    }
    let excused = usize::try_from(world.excuses.get()).unwrap();
    if sent_twice > excused {
        found.push(format!("I9: {sent_twice} mails were sent twice, and only {excused} could have been"));
    }
    found
}
