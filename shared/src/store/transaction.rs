//! Several writes that happen together or not at all (`TransactWriteItems`).
//!
//! Each write carries its condition and, beside it, what a failed condition means to a person. The
//! meaning is found by the write itself, never by its position.

use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem, Update,
    },
};

use super::{
    expression::{Change, Condition, Placeholders},
    idempotency::IdempotencyRecord,
    item::{self, Entity, Item},
    key::Key,
    table::{Table, broken, key_attributes},
    units::half_units,
};
use crate::{
    fault::{Failure, Fault, FaultKind},
    ground::{
        idempotency::{Answer, Claim, IdempotencyError, StoredReply},
        touch::Touch,
    },
    meter::{self, Direction},
    random,
};

/// How often a write that only lost a race is tried.
pub(crate) const TRIES: u32 = 8;

/// DynamoDB takes at most so many writes in one transaction.
pub const WRITES_MAX: usize = 100;

type Meaning<'t> = Box<dyn Fn(Option<Item>) -> Failure + Send + Sync + 't>;

/// Writes in the making.
pub struct Transaction<'t> {
    table: &'t Table,
    writes: Vec<Write<'t>>,
    claim: Option<Claim>,
    broken: Option<Fault>,
}

struct Write<'t> {
    write: TransactWriteItem,
    meaning: Option<Meaning<'t>>,
    remembers: bool,
}

impl<'t> Transaction<'t> {
    pub(crate) const fn new(table: &'t Table) -> Self {
        Self { table, writes: Vec::new(), claim: None, broken: None }
    }

    /// Writes a new item. Refuses when there is one with its key.
    #[must_use]
    pub fn create<E: Entity>(self, entity: &E) -> Self {
        self.put(entity, Condition::Absent)
    }

    /// Writes an item whole, if the item that is there meets the condition.
    #[must_use]
    pub fn put<E: Entity>(mut self, entity: &E, condition: Condition) -> Self {
        meter::touch(Touch::Put(E::KIND));
        let mut expression = Placeholders::default();
        let condition = expression.condition(condition);
        match item::write(entity) {
            Ok(attributes) => {
                let put = Put::builder()
                    .table_name(&*self.table.name)
                    .set_item(Some(attributes))
                    .condition_expression(condition)
                    .set_expression_attribute_names(Some(expression.names))
                    .set_expression_attribute_values(Some(expression.values).filter(|values| !values.is_empty()))
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .build();
                self.add(put.map(|put| TransactWriteItem::builder().put(put).build()));
            }
            Err(fault) => self.broken = Some(fault),
        }
        self
    }

    /// Changes an item that meets the condition.
    #[must_use]
    pub fn update<E>(mut self, key: &Key<E>, changes: Vec<Change>, condition: Condition) -> Self {
        meter::touch(Touch::Update(key.kind));
        let mut expression = Placeholders::default();
        let changes = expression.changes(changes);
        let condition = expression.condition(condition);
        let update = Update::builder()
            .table_name(&*self.table.name)
            .set_key(Some(key_attributes(key)))
            .update_expression(changes)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values).filter(|values| !values.is_empty()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        self.add(update.map(|update| TransactWriteItem::builder().update(update).build()));
        self
    }

    /// Removes an item that meets the condition.
    #[must_use]
    pub fn delete<E>(mut self, key: &Key<E>, condition: Condition) -> Self {
        meter::touch(Touch::Delete(key.kind));
        let mut expression = Placeholders::default();
        let condition = expression.condition(condition);
        let delete = Delete::builder()
            .table_name(&*self.table.name)
            .set_key(Some(key_attributes(key)))
            .condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values).filter(|values| !values.is_empty()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        self.add(delete.map(|delete| TransactWriteItem::builder().delete(delete).build()));
        self
    }

    /// Further writes in the making, to be put behind these with [`Transaction::followed_by`].
    pub(super) const fn beside(&self) -> Self {
        Self::new(self.table)
    }

    /// These writes and then those. When several conditions fail, the first one says what it means: what is
    /// moved stands before what follows from the move.
    #[must_use]
    pub(super) fn followed_by(mut self, others: Self) -> Self {
        self.writes.extend(others.writes);
        self.broken = self.broken.or(others.broken);
        self
    }

    /// Only looks: the transaction happens if the item meets the condition.
    #[must_use]
    pub fn check<E>(mut self, key: &Key<E>, condition: Condition) -> Self {
        meter::touch(Touch::Check(key.kind));
        let mut expression = Placeholders::default();
        let condition = expression.condition(condition);
        let check = ConditionCheck::builder()
            .table_name(&*self.table.name)
            .set_key(Some(key_attributes(key)))
            .condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values).filter(|values| !values.is_empty()))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build();
        self.add(check.map(|check| TransactWriteItem::builder().condition_check(check).build()));
        self
    }

    fn add<E: std::error::Error + Send + Sync + 'static>(&mut self, write: Result<TransactWriteItem, E>) {
        match write {
            Ok(write) => self.writes.push(Write { write, meaning: None, remembers: false }),
            Err(error) => {
                self.broken = Some(Fault::new(FaultKind::Database, "build a transaction").with_source(error));
            }
        }
    }

    /// What it means when the condition of the last write does not hold. The function gets the item
    /// as it is, if there is one.
    #[must_use]
    pub fn or_else<F: Into<Failure>>(mut self, meaning: impl Fn(Option<Item>) -> F + Send + Sync + 't) -> Self {
        if let Some(last) = self.writes.last_mut() {
            last.meaning = Some(Box::new(move |item| meaning(item).into()));
        }
        self
    }

    /// Remembers the answer in the same transaction, under the request's idempotency key.
    #[must_use]
    pub fn remember(mut self, claim: Option<&Claim>, reply: &impl Answer) -> Self {
        let Some(claim) = claim else { return self };
        match StoredReply::of(claim, reply).and_then(|stored| IdempotencyRecord::new(claim, &stored)) {
            Ok(record) => {
                let free = Condition::Any(vec![Condition::Absent, Condition::AtMost("expires_at", claim.at.into())]);
                self = self.put(&record, free);
                if let Some(last) = self.writes.last_mut() {
                    last.remembers = true;
                }
                self.claim = Some(claim.clone());
            }
            Err(fault) => self.broken = Some(fault),
        }
        self
    }

    /// Does it. A transaction that only lost a race against others is tried again, with jitter.
    ///
    /// # Errors
    /// What the failed condition means; [`Failure::Replayed`] when the request was answered before;
    /// [`FaultKind::Contention`] when every try lost its race.
    pub async fn commit(mut self) -> Result<(), Failure> {
        if let Some(fault) = self.broken.take() {
            return Err(fault.into());
        }
        if self.writes.len() > WRITES_MAX {
            return Err(Fault::new(FaultKind::Corrupt, "a transaction has more than 100 writes").into());
        }
        for attempt in 0..TRIES {
            match self.send().await? {
                Sent::Done => return Ok(()),
                Sent::Cancelled(reasons) => self.judge(&reasons)?,
            }
            pause(attempt).await?;
        }
        Err(match self.claim {
            Some(_) => IdempotencyError::InProgress.into(),
            None => Fault::new(FaultKind::Contention, "write a transaction").into(),
        })
    }

    async fn send(&self) -> Result<Sent, Fault> {
        let outcome = self
            .table
            .client
            .transact_write_items()
            .set_transact_items(Some(self.writes.iter().map(|write| write.write.clone()).collect()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match outcome {
            Ok(answer) => {
                meter::call(Direction::Write, half_units(answer.consumed_capacity()));
                Ok(Sent::Done)
            }
            Err(error) => match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    meter::call(Direction::Write, 0);
                    Ok(Sent::Cancelled(cancelled.cancellation_reasons().to_vec()))
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => {
                    meter::call(Direction::Write, 0);
                    Ok(Sent::Cancelled(Vec::new()))
                }
                _ => Err(broken("write a transaction", error)),
            },
        }
    }

    /// A failed condition is an answer; anything but a lost race is a fault.
    fn judge(&self, reasons: &[CancellationReason]) -> Result<(), Failure> {
        let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
        let failures: Vec<(&Write<'_>, Option<Item>)> = self
            .writes
            .iter()
            .zip(reasons)
            .filter(|(_, reason)| failed(reason))
            .map(|(write, reason)| (write, reason.item().cloned().filter(|i| !i.is_empty()).map(Item)))
            .collect();
        // Answered before comes first: the work of the first request is why the others fail.
        if let (Some(claim), Some((_, item))) = (&self.claim, failures.iter().find(|(write, _)| write.remembers)) {
            let record = item.clone().map(Item::read::<IdempotencyRecord>).transpose()?;
            let reply = record.map(|record| record.open(claim)).transpose()?;
            return Err(reply.map_or_else(
                || Fault::new(FaultKind::Corrupt, "an idempotency record is there and not there").into(),
                |reply| reply.into_failure(claim),
            ));
        }
        if let Some((write, item)) = failures.into_iter().next() {
            return Err(match &write.meaning {
                Some(meaning) => meaning(item),
                None => Fault::new(FaultKind::Contention, "a condition without a meaning failed").into(),
            });
        }
        let only_raced = reasons.iter().all(|reason| {
            matches!(
                reason.code(),
                None | Some("None" | "TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded")
            )
        });
        if only_raced {
            Ok(())
        } else {
            let codes: Vec<&str> = reasons.iter().filter_map(CancellationReason::code).collect();
            Err(Fault::new(FaultKind::Database, "a transaction was cancelled").with_source(codes.join(",")).into())
        }
    }
}

enum Sent {
    Done,
    Cancelled(Vec<CancellationReason>),
}

/// Full jitter: somewhere between 1 ms and 8, 16, 32 … 512 ms.
pub(crate) async fn pause(attempt: u32) -> Result<(), Fault> {
    let [a, b] = random::bytes::<2>()?;
    let ceiling = 8_u64.saturating_mul(1 << attempt.min(6));
    let drawn = u64::from(u16::from_be_bytes([a, b])).checked_rem(ceiling).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(drawn.saturating_add(1))).await;
    Ok(())
}
