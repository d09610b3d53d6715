//! The stream of changes, as Lambda hands it to a function.

use domain::{Timestamp, timestamp::Seconds};
use dynoxide::actions::get_records::Record;
use serde_json::{Value, json};

use super::{Database, parse};
use crate::EngineError;

/// One change of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamRecord {
    /// Its place in the stream; texts sort as the changes happened. Pass it to
    /// [`Database::read_stream`] to go on after it.
    pub sequence: String,
    /// When it happened, to the second.
    pub at: Timestamp,
    /// The record as it stands in the `Records` of a Lambda event.
    pub record: Value,
}

impl Database {
    /// The changes of a table after the one with the sequence number `after`, oldest first, at most
    /// `limit` (1,000 and more is 1,000); from the very first when there is no `after`. An empty
    /// answer is the end of the stream as of now.
    ///
    /// A put that changed nothing is left out: AWS writes no record for it, the engine does.
    ///
    /// # Errors
    /// When the table is not there or has no stream, or `after` is not a sequence number.
    pub fn read_stream(
        &self,
        table: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StreamRecord>, EngineError> {
        let mut after = after.map(str::to_owned);
        let arn = self.stream_arn(table)?;
        loop {
            let records = self.read_raw(&arn, after.as_deref(), limit)?;
            let Some(last) = records.last() else { return Ok(Vec::new()) };
            after = Some(last.dynamodb.sequence_number.clone());
            let changes: Vec<StreamRecord> = records
                .iter()
                .filter(|record| !is_no_change(record))
                .map(|record| self.as_lambda_sees_it(record, &arn))
                .collect::<Result<_, _>>()?;
            // A page of nothing but no-changes is not the end of the stream.
            if !changes.is_empty() {
                return Ok(changes);
            }
        }
    }

    /// The records as the engine has them.
    pub(super) fn read_raw(&self, arn: &str, after: Option<&str>, limit: usize) -> Result<Vec<Record>, EngineError> {
        let engine = &self.inner.engine;
        // There is one shard a table. To ask for it would look through the whole stream.
        let table = arn.split('/').nth(1).unwrap_or_default();
        let shard = dynoxide::streams::shard_id(table);
        let position = match after {
            None => json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}),
            Some(after) => json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "SequenceNumber": after}),
        };
        let iterator = engine.get_shard_iterator(parse(position)?).map_err(EngineError::database)?;
        let request = json!({"ShardIterator": iterator.shard_iterator, "Limit": limit.clamp(1, 1_000)});
        Ok(engine.get_records(parse(request)?).map_err(EngineError::database)?.records)
    }

    /// The name of a table's stream.
    ///
    /// # Errors
    /// When the table is not there or has no stream.
    pub fn stream_arn(&self, table: &str) -> Result<String, EngineError> {
        let metadata = self.inner.engine.get_table_metadata(table).map_err(EngineError::database)?;
        let label = metadata.filter(|table| table.stream_enabled).and_then(|table| table.stream_label);
        label
            .map(|label| dynoxide::streams::stream_arn(table, &label))
            .ok_or_else(|| EngineError::Table(format!("there is no table {table} with a stream")))
    }

    fn as_lambda_sees_it(&self, record: &Record, arn: &str) -> Result<StreamRecord, EngineError> {
        let mut value = serde_json::to_value(record).map_err(EngineError::database)?;
        // The engine counts in whole seconds, in a float; the sweep has our clock already.
        let stamped = value.pointer("/dynamodb/ApproximateCreationDateTime").map(whole_seconds).unwrap_or_default();
        let behind = self.machine_clock_stamps_the_stream() && record.user_identity.is_none();
        let offset = if behind { u32::try_from(self.inner.clock.offset_s()).unwrap_or(u32::MAX) } else { 0 };
        let at = Timestamp::from_seconds(stamped).plus(Seconds(offset));
        if let Some(dynamodb) = value.get_mut("dynamodb").and_then(Value::as_object_mut) {
            dynamodb.insert("ApproximateCreationDateTime".to_owned(), json!(at.seconds()));
        }
        if let Some(value) = value.as_object_mut() {
            value.insert("eventSourceARN".to_owned(), json!(arn));
        }
        Ok(StreamRecord { sequence: record.dynamodb.sequence_number.clone(), at, record: value })
    }
}

fn is_no_change(record: &Record) -> bool {
    record.dynamodb.new_image.is_some() && record.dynamodb.new_image == record.dynamodb.old_image
}

fn whole_seconds(number: &Value) -> i64 {
    let text = number.to_string();
    text.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or_default()
}
