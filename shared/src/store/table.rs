//! The one table: the ways to read it, and single conditional updates.

use std::{fmt, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{RequestId as _, delete_item::DeleteItemError, update_item::UpdateItemError},
    types::{
        AttributeValue, KeysAndAttributes, ReturnConsumedCapacity, ReturnValue, ReturnValuesOnConditionCheckFailure,
    },
};

use super::{
    batch::Batch,
    cursor::Position,
    expression::{Change, Condition, Placeholders, Value},
    item::{Attributes, Entity, Item},
    key::{Key, filled, fixed_part},
    transaction::{TRIES, Transaction, pause},
    units::half_units,
};
use crate::{
    aws::Aws,
    fault::{Fault, FaultKind},
    ground::{
        kind::{Index, Kind, Place},
        touch::Touch,
    },
    meter::{self, Direction},
};

/// The one table.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: Arc<str>,
}

/// What a partition or an index is asked for.
#[derive(Debug, Clone)]
pub struct Query {
    kind: Kind,
    index: Option<Index>,
    pk: String,
    sk: SortRange,
    newest_first: bool,
    limit: Option<u32>,
    after: Option<Attributes>,
}

#[derive(Debug, Clone)]
enum SortRange {
    Whole,
    StartsWith(String),
    UpTo(String),
}

impl Query {
    const fn of(kind: Kind, index: Option<Index>, pk: String, sk: SortRange) -> Self {
        Self { kind, index, pk, sk, newest_first: false, limit: None, after: None }
    }

    /// All of a partition that is named after this kind, whatever kinds are in it.
    #[must_use]
    pub fn partition(kind: Kind, partition: impl fmt::Display) -> Self {
        Self::of(kind, None, filled(kind.partition_pattern(), partition), SortRange::Whole)
    }

    /// All items of this kind in one of its partitions.
    #[must_use]
    pub fn all_of(kind: Kind, partition: impl fmt::Display) -> Self {
        let begins = SortRange::StartsWith(fixed_part(kind.sort_pattern()).to_owned());
        Self::of(kind, None, filled(kind.partition_pattern(), partition), begins)
    }

    /// All of a partition of an index, in which this kind has this place.
    #[must_use]
    pub fn place(kind: Kind, place: Place, partition: impl fmt::Display) -> Self {
        Self::in_index(kind, place.index, filled(place.partition, partition))
    }

    pub(super) const fn in_index(kind: Kind, index: Index, pk: String) -> Self {
        Self::of(kind, Some(index), pk, SortRange::Whole)
    }

    /// Only sort keys up to this one.
    #[must_use]
    pub fn up_to(mut self, last: impl Into<String>) -> Self {
        self.sk = SortRange::UpTo(last.into());
        self
    }

    /// The highest sort key first.
    #[must_use]
    pub const fn newest_first(mut self) -> Self {
        self.newest_first = true;
        self
    }

    /// At most so many items.
    #[must_use]
    pub const fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Goes on behind a place of the index, for a kind whose items have partitions of their own.
    #[must_use]
    pub(super) fn behind(mut self, position: Option<&Position>) -> Self {
        self.after = self.index.and_then(|index| position.map(|place| place.key(self.kind, index, &self.pk)));
        self
    }

    /// Goes on after the last key of the page before.
    #[must_use]
    pub fn after(mut self, last_key: Option<Attributes>) -> Self {
        self.after = last_key;
        self
    }

    fn touch(&self) -> Touch {
        self.index.map_or(Touch::Query(self.kind), |index| Touch::QueryIndex(self.kind, index))
    }
}

/// A part of an answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// The items.
    pub items: Vec<Item>,
    /// Where the next page begins; `None` at the end.
    pub last_key: Option<Attributes>,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where it ends; `None` when nothing comes behind it.
    pub end: Option<Position>,
}

impl Listed<Item> {
    /// Reads each item that can be read.
    pub(super) fn read_each<T>(self, read: impl Fn(Item) -> Result<T, Fault>) -> Listed<T> {
        Listed { items: read_each(self.items, read), end: self.end }
    }
}

/// Reads each item, for a list. What cannot be read is left out and reported: one bad item never costs a reader
/// the page.
pub(super) fn read_each<T>(items: Vec<Item>, read: impl Fn(Item) -> Result<T, Fault>) -> Vec<T> {
    let read_or_report = |item: Item| {
        let key = item.text("pk").unwrap_or_default().to_owned();
        read(item).inspect_err(|fault| left_out(&key, fault)).ok()
    };
    items.into_iter().filter_map(read_or_report).collect()
}

/// What a list shows of one thing that was read for it by other means: nothing when it cannot be read, which is
/// reported.
///
/// # Errors
/// Every other fault.
pub fn readable<T>(key: impl fmt::Display, read: Result<T, Fault>) -> Result<Option<T>, Fault> {
    match read {
        Ok(thing) => Ok(Some(thing)),
        Err(fault) if fault.kind == FaultKind::Corrupt => {
            left_out(key, &fault);
            Ok(None)
        }
        Err(fault) => Err(fault),
    }
}

fn left_out(key: impl fmt::Display, fault: &Fault) {
    meter::our_fault(format!("{key} is left out of a list: {}", fault.chain()));
}

/// The outcome of a single conditional update.
#[derive(Debug, Clone, PartialEq)]
pub enum Updated {
    /// It was done; this is the item now.
    Done(Item),
    /// The condition did not hold; this is the item as it is, if there is one.
    ConditionFailed(Option<Item>),
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn new(aws: &Aws, name: &str) -> Self {
        Self { client: aws.database(), name: name.into() }
    }

    /// One item, strongly consistent.
    ///
    /// # Errors
    /// When DynamoDB does not answer, or the item cannot be read.
    pub async fn get<E: Entity>(&self, key: Key<E>) -> Result<Option<E>, Fault> {
        meter::touch(Touch::Get(key.kind));
        let answer = self
            .client
            .get_item()
            .table_name(&*self.name)
            .set_key(Some(key_attributes(&key)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| broken("get an item", error))?;
        meter::call(Direction::Read, half_units(answer.consumed_capacity()));
        answer.item.map(|item| Item(item).read()).transpose()
    }

    /// Several items of one kind by key, strongly consistent, in one call. Absent ones are left out, and the
    /// order is not that of the keys. At most 100 keys, each once.
    ///
    /// # Errors
    /// When DynamoDB does not answer, or an item cannot be read.
    pub async fn get_each<E: Entity>(&self, keys: impl IntoIterator<Item = Key<E>>) -> Result<Vec<E>, Fault> {
        let keys: Vec<Key<()>> = keys.into_iter().map(Key::of_any_kind).collect();
        self.get_many(&keys).await?.into_iter().map(Item::read).collect()
    }

    /// As [`Table::get_each`], for a list: what cannot be read is left out and reported.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub(super) async fn get_readable<E: Entity>(
        &self,
        keys: impl IntoIterator<Item = Key<E>>,
    ) -> Result<Vec<E>, Fault> {
        let keys: Vec<Key<()>> = keys.into_iter().map(Key::of_any_kind).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let found = Listed { items: self.get_many(&keys).await?, end: None };
        Ok(found.read_each(Item::read).items)
    }

    /// Items of several kinds by key, strongly consistent, in one call: for a tuple of keys a tuple of what
    /// they lead to. At most 100 keys, each once.
    ///
    /// # Errors
    /// When DynamoDB does not answer, or an item cannot be read.
    pub async fn get_together<B: Batch>(&self, batch: B) -> Result<B::Found, Fault> {
        let mut keys = Vec::new();
        batch.keys(&mut keys);
        let mut items = self.get_many(&keys).await?;
        batch.find(&mut items)
    }

    async fn get_many(&self, keys: &[Key<()>]) -> Result<Vec<Item>, Fault> {
        let mut wanted: Vec<Attributes> = keys
            .iter()
            .map(|key| {
                meter::touch(Touch::BatchGet(key.kind));
                key_attributes(key)
            })
            .collect();
        let mut items = Vec::with_capacity(keys.len());
        for _ in 0..3 {
            let request = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut wanted)))
                .consistent_read(true)
                .build()
                .map_err(|error| Fault::new(FaultKind::Database, "ask for several items").with_source(error))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&*self.name, request)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| broken("get several items", error))?;
            meter::call(Direction::Read, half_units(answer.consumed_capacity()));
            items.extend(answer.responses.into_iter().flatten().flat_map(|(_, found)| found).map(Item));
            wanted = answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, left)| left.keys).collect();
            if wanted.is_empty() {
                return Ok(items);
            }
        }
        Err(Fault::new(FaultKind::Throttled, "get several items"))
    }

    /// A page of a partition or an index. Eventually consistent: for showing, not for deciding.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn query(&self, query: Query) -> Result<Page, Fault> {
        self.run_query(query, false).await
    }

    /// A page of at most `size` items of an index that knows whether there are more: one item more is asked
    /// for, so that a full page at the end of the list is known to be the last. Eventually consistent.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub(super) async fn page(&self, query: Query, size: u32) -> Result<Listed<Item>, Fault> {
        let index = query.index;
        let Page { mut items, last_key } = self.run_query(query.limit(size.saturating_add(1)), false).await?;
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        // DynamoDB says where it stopped also when nothing comes after. It stops before what was asked for
        // only where an answer has a megabyte.
        let goes_on = items.len() > size || last_key.is_some_and(|_| items.len() < size.saturating_add(1));
        items.truncate(size);
        let last = items.last().filter(|_| goes_on);
        let end = last.and_then(|item| item.text(index?.sk()).map(|place| Position(place.to_owned())));
        Ok(Listed { items, end })
    }

    /// A page of a partition, strongly consistent.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn query_consistently(&self, query: Query) -> Result<Page, Fault> {
        self.run_query(query, true).await
    }

    async fn run_query(&self, query: Query, consistent: bool) -> Result<Page, Fault> {
        meter::touch(query.touch());
        let mut expression = Placeholders::default();
        let (pk_name, sk_name) = query.index.map_or(("pk", "sk"), |index| (index.pk(), index.sk()));
        let pk = expression.name(pk_name);
        let pk_value = expression.value(Value::Text(query.pk));
        let mut condition = format!("{pk} = {pk_value}");
        match query.sk {
            SortRange::Whole => {}
            SortRange::StartsWith(prefix) => {
                let (sk, value) = (expression.name(sk_name), expression.value(Value::Text(prefix)));
                condition.push_str(&format!(" AND begins_with({sk}, {value})"));
            }
            SortRange::UpTo(last) => {
                let (sk, value) = (expression.name(sk_name), expression.value(Value::Text(last)));
                condition.push_str(&format!(" AND {sk} <= {value}"));
            }
        }
        let answer = self
            .client
            .query()
            .table_name(&*self.name)
            .set_index_name(query.index.map(|index| index.name().to_owned()))
            .key_condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .scan_index_forward(!query.newest_first)
            .set_limit(query.limit.and_then(|limit| i32::try_from(limit).ok()))
            .set_exclusive_start_key(query.after)
            .consistent_read(consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| broken("query", error))?;
        meter::call(Direction::Read, half_units(answer.consumed_capacity()));
        Ok(Page {
            items: answer.items.unwrap_or_default().into_iter().map(Item).collect(),
            last_key: answer.last_evaluated_key.filter(|key| !key.is_empty()),
        })
    }

    /// Changes one item under a condition. A change that only lost a race is tried again, with jitter.
    ///
    /// # Errors
    /// When DynamoDB does not answer, or every try lost its race. A condition that does not hold is an answer, no error.
    pub async fn update<E>(&self, key: &Key<E>, changes: Vec<Change>, condition: Condition) -> Result<Updated, Fault> {
        meter::touch(Touch::Update(key.kind));
        let mut expression = Placeholders::default();
        let update = expression.changes(changes);
        let condition = expression.condition(condition);
        let request = self
            .client
            .update_item()
            .table_name(&*self.name)
            .set_key(Some(key_attributes(key)))
            .update_expression(update)
            .condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values).filter(|values| !values.is_empty()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        for attempt in 0..TRIES {
            let error = match request.clone().send().await {
                Ok(answer) => {
                    meter::call(Direction::Write, half_units(answer.consumed_capacity()));
                    return Ok(Updated::Done(Item(answer.attributes.unwrap_or_default())));
                }
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    meter::call(Direction::Write, 0);
                    return Ok(Updated::ConditionFailed(failed.item().cloned().map(Item)));
                }
                // A transaction holds the item at this moment: nothing was applied.
                Some(UpdateItemError::TransactionConflictException(_)) => meter::call(Direction::Write, 0),
                _ => return Err(broken("update an item", error)),
            }
            pause(attempt).await?;
        }
        Err(Fault::new(FaultKind::Contention, "update an item"))
    }

    /// Removes an item that meets the condition; whether there was one. Tried again when it only lost
    /// a race against a transaction.
    ///
    /// # Errors
    /// When DynamoDB does not answer.
    pub async fn delete<E>(&self, key: &Key<E>, condition: Condition) -> Result<bool, Fault> {
        Ok(self.remove(key, condition).await?.is_some())
    }

    /// As [`Table::delete`], and gives what was there: `Some` for exactly one of many who try at once.
    ///
    /// # Errors
    /// As [`Table::delete`].
    pub async fn take<E: Entity>(&self, key: &Key<E>, condition: Condition) -> Result<Option<E>, Fault> {
        self.remove(key, condition).await?.map(Item::read).transpose()
    }

    async fn remove<E>(&self, key: &Key<E>, condition: Condition) -> Result<Option<Item>, Fault> {
        meter::touch(Touch::Delete(key.kind));
        let mut expression = Placeholders::default();
        let condition = expression.condition(Condition::All(vec![Condition::Present, condition]));
        #[expect(clippy::disallowed_methods, reason = "this is the one place that removes items, under a condition")]
        let request = self.client.delete_item();
        let request = request
            .table_name(&*self.name)
            .set_key(Some(key_attributes(key)))
            .condition_expression(condition)
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values).filter(|values| !values.is_empty()))
            .return_values(ReturnValue::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        for attempt in 0..TRIES {
            let error = match request.clone().send().await {
                Ok(answer) => {
                    meter::call(Direction::Write, half_units(answer.consumed_capacity()));
                    return Ok(Some(Item(answer.attributes.unwrap_or_default())));
                }
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => {
                    meter::call(Direction::Write, 0);
                    return Ok(None);
                }
                Some(DeleteItemError::TransactionConflictException(_)) => meter::call(Direction::Write, 0),
                _ => return Err(broken("remove an item", error)),
            }
            pause(attempt).await?;
        }
        Err(Fault::new(FaultKind::Contention, "remove an item"))
    }

    /// Several writes that happen together or not at all.
    #[must_use]
    pub fn transaction(&self) -> Transaction<'_> {
        Transaction::new(self)
    }
}

/// The place of this entity in an index: where a page begins that follows it.
#[must_use]
pub fn place_of<E: Entity>(entity: &E, index: Index) -> Option<Position> {
    entity.index_keys().into_iter().find(|key| key.index == index).map(|key| Position(key.sk))
}

pub(crate) fn key_attributes<E>(key: &Key<E>) -> Attributes {
    Attributes::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

/// What an error of the SDK means to us.
pub(crate) fn broken<E, R>(context: &'static str, error: SdkError<E, R>) -> Fault
where
    E: std::error::Error + aws_sdk_dynamodb::error::ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
    SdkError<E, R>: aws_sdk_dynamodb::operation::RequestId,
{
    let code = error.as_service_error().and_then(|e| e.code());
    let kind = match code {
        Some("ProvisionedThroughputExceededException" | "RequestLimitExceeded" | "ThrottlingException") => {
            FaultKind::Throttled
        }
        Some("TransactionConflictException" | "TransactionInProgressException") => FaultKind::Contention,
        Some("AccessDeniedException" | "ValidationException" | "ResourceNotFoundException") => FaultKind::Configuration,
        _ => FaultKind::Database,
    };
    let _ = error.request_id();
    Fault::new(kind, context).with_source(error)
}
