//! The invariants of reference I1 to I10, against everything in the table and at the provider.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::OrderId,
    ledger::{Account, Posting, balances},
    orders::OrderStatus,
    payments::PaymentProvider,
    processes::{Notice, payment::PaymentState, sell::SELL},
    text::Email,
};
use engines::toss::Status;
use shared::store::{
    audit::AuditRow,
    listings::Stock,
    orders::StoredOrder,
    outbox::{Effect, EffectState},
    payments::{Payment, PaymentOwner},
};

use crate::world::World;

pub(crate) async fn violations(world: &World) -> Vec<String> {
    let orders: Vec<StoredOrder> = world.app.all();
    let mut found = Vec::new();
    found.extend(acknowledged_orders_exist(world, &orders));
    found.extend(stock_is_conserved(world, &orders));
    let payments: Vec<Payment> = world.app.all();
    found.extend(every_order_is_at_rest(&orders));
    found.extend(payments_and_orders_agree(&payments, &orders));
    found.extend(money_and_payments_agree(world, &payments));
    found.extend(nothing_counts_as_held(world));
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

/// Until the money is there a payment and its orders are in the same state, and in the end all orders of a
/// paid checkout are paid, each by this payment alone.
fn payments_and_orders_agree(payments: &[Payment], orders: &[StoredOrder]) -> Vec<String> {
    let mut found = Vec::new();
    for payment in payments {
        let theirs: Vec<_> = orders.iter().filter(|order| order.checkout_id == payment.checkout_id).collect();
        let expected = match payment.status {
            PaymentState::Captured => OrderStatus::Paid,
            other => other.of_orders().unwrap_or(OrderStatus::Returned),
        };
        if theirs.len() != payment.orders.len() || theirs.iter().any(|order| order.status != expected) {
            found.push(format!("I4: {payment:?} is of {theirs:?}"));
        }
        let is_captured = payment.status == PaymentState::Captured;
        if payment.captured.amount != if is_captured { payment.total.amount } else { 0 } {
            found.push(format!("I3: {payment:?} captured something else"));
        }
    }
    let paid_by_none = orders.iter().filter(|order| payments.iter().all(|p| p.checkout_id != order.checkout_id));
    found.extend(paid_by_none.map(|order| format!("I4: {} has no payment", order.id)));
    found
}

/// I3, I4: money that the provider holds belongs to exactly one captured payment over exactly that sum,
/// and the other way round.
fn money_and_payments_agree(world: &World, payments: &[Payment]) -> Vec<String> {
    let mut found = Vec::new();
    let taken: Vec<_> =
        world.app.toss().state().payments().into_iter().filter(|payment| payment.status == Status::Done).collect();
    let captured = || payments.iter().filter(|payment| payment.status == PaymentState::Captured);
    for view in &taken {
        let by_it: Vec<_> = captured()
            .filter(|payment| payment.key.as_ref().is_some_and(|key| key.as_str() == view.payment_key))
            .collect();
        match by_it.as_slice() {
            [payment] if payment.checkout_id.to_string() == view.order_id && payment.total == view.captured => {}
            [] => found.push(format!("I4: {} was paid and is not: {view:?}", view.order_id)),
            _ => found.push(format!("I4: {view:?} pays {} checkouts, or the wrong one", by_it.len())),
        }
    }
    let owners: Vec<PaymentOwner> = world.app.all();
    for payment in captured() {
        let times = taken.iter().filter(|view| view.order_id == payment.checkout_id.to_string()).count();
        if times != 1 {
            found.push(format!("I4: {} is paid by {times} payments", payment.checkout_id));
        }
        // The provider refuses another order's payment too; we do not rely on it.
        let owner = owners.iter().find(|owner| Some(&owner.payment_key) == payment.key.as_ref());
        if owner.is_none_or(|owner| owner.checkout_id != payment.checkout_id) {
            found.push(format!("I4: the payment of {} belongs to {owner:?}", payment.checkout_id));
        }
    }
    found
}

/// Once nothing is held without being paid, nothing counts as held.
fn nothing_counts_as_held(world: &World) -> Vec<String> {
    let is_count = |item: &shared::store::Item| {
        item.is(shared::store::Kind::HOLDINGS) || item.is(shared::store::Kind::HOLDINGS_OF_VARIANT)
    };
    let counts = world.app.items().into_iter().filter(is_count);
    let wrong = counts.filter(|item| item.number("pieces") != Some(0));
    wrong.map(|item| format!("I2: still counted as held: {item:?}")).collect()
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
    let paid = || orders.iter().filter(|order| order.status == OrderStatus::Paid);
    for order in paid() {
        let told = |notice, is_store: bool| {
            let is_it = |effect: &Effect| match effect {
                Effect::MailOrder { order_id, notice: told, .. } => {
                    !is_store && *order_id == order.id && *told == notice
                }
                Effect::TellStore { order_id, notice: told, .. } => {
                    is_store && *order_id == order.id && *told == notice
                }
                _ => false,
            };
            events.iter().filter(|event| is_it(&event.effect)).count()
        };
        for (reader, written) in [
            ("its buyer", told(Notice::OrderPaid, false)),
            ("its store", told(Notice::OrderReceived, true)),
            ("the store's owner", told(Notice::OrderReceived, false)),
        ] {
            if written != 1 {
                found.push(format!("I9: {} wrote {written} events for {reader}", order.id));
            }
        }
    }
    // One mail for each order of a checkout, and one for each order that a store was told of.
    let buyers: BTreeSet<&str> = paid().map(|order| order.contact.email.as_str()).collect();
    let stores = ["seller@example.com", "second@example.com"];
    let all_to_stores: usize = stores.iter().map(|to| world.app.engines().mailbox().list(Some(to)).len()).sum();
    let all_to_buyers: usize = buyers.iter().map(|to| world.app.engines().mailbox().list(Some(to)).len()).sum();
    for (readers, mails) in [("buyers", all_to_buyers), ("stores", all_to_stores)] {
        if mails < paid().count() {
            found.push(format!("I9: {} orders are paid, and {readers} got {mails} mails", paid().count()));
        }
        sent_twice += mails.saturating_sub(paid().count());
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
