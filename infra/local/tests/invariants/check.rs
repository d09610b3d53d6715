//! The invariants of reference I1 to I10, against everything in the table and at the provider.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    ids::OrderId,
    ledger::{Account, Posting, PostingKind, balances},
    orders::OrderStatus,
    payments::PaymentProvider,
    processes::{
        Notice, Party,
        payment::PaymentState,
        sell::{SELL, SellEffect},
    },
    text::Email,
};
use engines::toss::Status;
use shared::store::{
    audit::AuditRow,
    listings::Stock,
    orders::StoredOrder,
    outbox::{Effect, EffectState},
    payments::{Payment, PaymentOwner},
    refunds::{Refund, RefundState},
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
    found.extend(every_refund_is_done(world, &orders));
    found.extend(every_effect_happened(world));
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
        let sold = pieces_in(&goods.variant_id, &SOLD);
        if (stock.held, stock.sold) != (held, sold) {
            found.push(format!("I2: {stock:?}, but orders hold {held} and bought {sold}"));
        }
    }
    found
}

/// The states of an order whose goods are the buyer's, and whose money is here.
const SOLD: [OrderStatus; 5] =
    [OrderStatus::Paid, OrderStatus::Preparing, OrderStatus::Shipping, OrderStatus::Delivered, OrderStatus::Confirmed];

fn was_paid(order: &StoredOrder) -> bool {
    order.history.iter().any(|entry| entry.status == OrderStatus::Paid)
}

fn was_refunded(order: &StoredOrder) -> bool {
    was_paid(order) && order.status == OrderStatus::Cancelled
}

/// I2, I4: in the end no order waits but for its store or its buyer: it is paid or it is over.
fn every_order_is_at_rest(orders: &[StoredOrder]) -> Vec<String> {
    orders
        .iter()
        .filter(|order| {
            !SOLD.contains(&order.status) && !matches!(order.status, OrderStatus::Expired | OrderStatus::Cancelled)
        })
        .map(|order| format!("I2: {} is still {:?}", order.id, order.status))
        .collect()
}

/// Until the money is there a payment and its orders are in the same state, and in the end each order of a
/// checkout that was paid was paid by this payment alone, which has given back what was cancelled.
fn payments_and_orders_agree(payments: &[Payment], orders: &[StoredOrder]) -> Vec<String> {
    let mut found = Vec::new();
    for payment in payments {
        let theirs: Vec<_> = orders.iter().filter(|order| order.checkout_id == payment.checkout_id).collect();
        let agrees = |order: &&StoredOrder| match payment.status.of_orders() {
            Some(led) => order.status == led && !was_paid(order),
            None => was_paid(order),
        };
        if theirs.len() != payment.orders.len() || !theirs.iter().all(agrees) {
            found.push(format!("I4: {payment:?} is of {theirs:?}"));
        }
        let back: i64 = theirs.iter().filter(|order| was_refunded(order)).map(|order| order.total.amount).sum();
        let (captured, status) = match payment.status.of_orders() {
            Some(_) => (0, payment.status),
            None if back == 0 => (payment.total.amount, PaymentState::Captured),
            None if back == payment.total.amount => (payment.total.amount, PaymentState::Refunded),
            None => (payment.total.amount, PaymentState::PartlyRefunded),
        };
        if (payment.captured.amount, payment.refunded.amount, payment.status) != (captured, back, status) {
            found.push(format!("I3: {payment:?} captured or gave back something else than {captured} and {back}"));
        }
    }
    let paid_by_none = orders.iter().filter(|order| payments.iter().all(|p| p.checkout_id != order.checkout_id));
    found.extend(paid_by_none.map(|order| format!("I4: {} has no payment", order.id)));
    found
}

/// I3, I4: money that the provider took belongs to exactly one captured payment over exactly that sum, and
/// the other way round; and both say the same of what went back.
fn money_and_payments_agree(world: &World, payments: &[Payment]) -> Vec<String> {
    let mut found = Vec::new();
    let was_taken = |status| matches!(status, Status::Done | Status::PartialCanceled | Status::Canceled);
    let taken: Vec<_> =
        world.app.toss().state().payments().into_iter().filter(|payment| was_taken(payment.status)).collect();
    let captured = || payments.iter().filter(|payment| payment.status.of_orders().is_none());
    for view in &taken {
        let by_it: Vec<_> = captured()
            .filter(|payment| payment.key.as_ref().is_some_and(|key| key.as_str() == view.payment_key))
            .collect();
        match by_it.as_slice() {
            [payment]
                if payment.checkout_id.to_string() == view.order_id
                    && (payment.total, payment.refunded) == (view.captured, view.refunded) => {}
            [] => found.push(format!("I4: {} was paid and is not: {view:?}", view.order_id)),
            _ => found.push(format!("I4: {view:?} pays {} checkouts, or the wrong one: {by_it:?}", by_it.len())),
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

/// I5: each order that was paid and is cancelled has one refund over its whole total, which is done; no other
/// order has one.
fn every_refund_is_done(world: &World, orders: &[StoredOrder]) -> Vec<String> {
    let refunds: Vec<Refund> = world.app.all();
    let mut found = Vec::new();
    for order in orders {
        let theirs: Vec<_> = refunds.iter().filter(|refund| refund.order_id == order.id).collect();
        let is_right = match theirs.as_slice() {
            [] => !was_refunded(order),
            [refund] => was_refunded(order) && refund.state == RefundState::Done && refund.amount == order.total,
            _ => false,
        };
        if !is_right {
            found.push(format!("I5: {order:?} has the refunds {theirs:?}"));
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

/// I7, P9: one sale for each order that was paid, one refund for each that was given back, and together
/// exactly what the provider owes us.
fn books_balance(world: &World, orders: &[StoredOrder]) -> Vec<String> {
    let postings: Vec<Posting> = world.app.all();
    let mut found = Vec::new();
    for order in orders {
        let count =
            |kind| postings.iter().filter(|posting| posting.order_id() == order.id && posting.kind() == kind).count();
        let posted = (count(PostingKind::Sale), count(PostingKind::Refund));
        if posted != (usize::from(was_paid(order)), usize::from(was_refunded(order))) {
            found.push(format!("I7: {} is {:?} and has {posted:?} postings", order.id, order.status));
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

/// I9, P10: each step wrote what it tells once, and each mail was sent, and once, save where an attempt was
/// killed or outlived its lease between the mail and our note of it.
fn every_effect_happened(world: &World) -> Vec<String> {
    let mut found = Vec::new();
    let events = world.app.outbox();
    for event in events.iter().filter(|event| event.state != EffectState::Done) {
        found.push(format!("I9: {event:?} has not happened"));
    }
    let mut expected: BTreeMap<(OrderId, String), usize> = BTreeMap::new();
    for row in world.app.all::<AuditRow>() {
        for (notice, party) in told_by(&row) {
            // A store is told by an event that names it, and each of its owners by a mail: they have one each.
            let kinds: &[&str] = if party == Party::Buyer { &["buyer"] } else { &["store", "owner"] };
            for kind in kinds {
                *expected.entry((row.order_id, format!("{notice:?} to the {kind}"))).or_default() += 1;
            }
        }
    }
    let mut written: BTreeMap<(OrderId, String), usize> = BTreeMap::new();
    let mut mails = 0_usize;
    for event in &events {
        let (order_id, notice, kind) = match &event.effect {
            Effect::MailOrder { order_id, notice, party: Party::Buyer, .. } => (*order_id, *notice, "buyer"),
            Effect::MailOrder { order_id, notice, party: Party::Store, .. } => (*order_id, *notice, "owner"),
            Effect::TellStore { order_id, notice, .. } => (*order_id, *notice, "store"),
            other => {
                found.push(format!("I9: {other:?} belongs to no step"));
                continue;
            }
        };
        mails += usize::from(kind != "store");
        *written.entry((order_id, format!("{notice:?} to the {kind}"))).or_default() += 1;
    }
    if written != expected {
        let is_wrong = |key: &&(OrderId, String)| written.get(*key) != expected.get(*key);
        let keys: BTreeSet<_> = written.keys().chain(expected.keys()).filter(is_wrong).collect();
        found.push(format!("I9: written too often or not at all: {keys:?}"));
    }
    let sent = world.app.engines().mailbox().list(None).len();
    if sent < mails {
        found.push(format!("I9: {mails} mails were to be sent, and {sent} were"));
    }
    // An event that is over names nobody any more.
    let after_its_end = world.app.engines().mailbox().list(Some(Email::erased().as_str())).len();
    if after_its_end > 0 {
        found.push(format!("I9: {after_its_end} mails were sent of events that were over"));
    }
    let sent_twice = sent.saturating_sub(mails);
    let excused = usize::try_from(world.excuses.get()).unwrap();
    if sent_twice > excused {
        found.push(format!("I9: {sent_twice} mails were sent twice, and only {excused} could have been"));
    }
    found
}

/// What the step of an audit row tells whom.
fn told_by(row: &AuditRow) -> Vec<(Notice, Party)> {
    let step = SELL.transitions.iter().find(|step| {
        Some(step.from) == row.from
            && domain::processes::Event::name(step.event) == row.event
            && step.actor.name() == row.actor
    });
    let notices = step.into_iter().flat_map(|step| step.effects).filter_map(|effect| match effect {
        SellEffect::Notify(notice) => Some(*notice),
        _ => None,
    });
    notices.flat_map(|notice| notice.parties().iter().map(move |party| (notice, *party))).collect()
}
