//! The stale-index mode: an index query is answered as of before the last write to the index.
//!
//! DynamoDB's global indexes follow their table with a delay; the engine's do not. When the fault
//! `stale_index` is decided for a query of an index, its answer comes from a copy of the table that
//! is fed from the stream and holds back the last record that touches this index (an item that
//! carries, or carried, the index's partition key). So the answer is one that AWS could have given:
//! a true state of the past, never an invention. Asked again without the fault, it is up to date.
//!
//! Of a transaction that writes several items into one index only the last is held back, as AWS
//! gives no promise that an index sees a transaction whole. The table needs a stream with new and
//! old images. The copy is made at the first stale query: from the table as it is, with what is left of
//! the stream taken back.

use dynoxide::{Database as Engine, actions::get_records::Record, types::Item};
use serde_json::{Value, json};

use super::{Database, parse};
use crate::EngineError;

pub(super) struct Replica {
    engine: Engine,
    /// The sequence number up to which the copy has followed.
    after: Option<String>,
}

impl Database {
    /// The stale answer to a query, or nothing when the query names no index that we know.
    pub(crate) fn stale_answer(&self, query: &Value) -> Option<Value> {
        let table = query.get("TableName")?.as_str()?;
        let index = query.get("IndexName")?.as_str()?;
        let attribute = self.keys().get(table)?.indexes.get(index)?.clone();
        match self.answer_from_replica(table, index, &attribute, query) {
            Ok(answer) => Some(answer),
            Err(error) => {
                tracing::warn!(%error, table, index, "the stale index could not answer");
                None
            }
        }
    }

    fn answer_from_replica(
        &self,
        table: &str,
        index: &str,
        attribute: &str,
        query: &Value,
    ) -> Result<Value, EngineError> {
        let mut replicas = self.replicas();
        let place = (table.to_owned(), index.to_owned());
        if !replicas.contains_key(&place) {
            let spec = self.spec_of_copy(table).ok_or_else(|| EngineError::Table(format!("no table {table}")))?;
            let engine = Engine::memory().map_err(EngineError::database)?;
            engine.create_table(parse(spec)?).map_err(EngineError::database)?;
            let replica = self.copied(table, engine)?;
            replicas.insert(place.clone(), replica);
        }
        let replica = replicas.get_mut(&place).ok_or_else(|| EngineError::database("the copy is gone"))?;
        self.follow(table, attribute, replica)?;
        let answer = replica.engine.query(parse(query.clone())?).map_err(EngineError::database)?;
        serde_json::to_value(&answer).map_err(EngineError::database)
    }

    /// The table as it was before the first change that the stream still has.
    fn copied(&self, table: &str, engine: Engine) -> Result<Replica, EngineError> {
        let arn = self.stream_arn(table)?;
        for item in self.items(table)? {
            engine.put_item(parse(json!({"TableName": table, "Item": item}))?).map_err(EngineError::database)?;
        }
        let mut changes = Vec::new();
        let mut position: Option<String> = None;
        loop {
            let page = self.read_raw(&arn, position.as_deref(), 1_000)?;
            let Some(last) = page.last() else { break };
            position = Some(last.dynamodb.sequence_number.clone());
            changes.extend(page);
        }
        for change in changes.iter().rev() {
            let before = change.dynamodb.old_image.as_ref();
            put_or_delete(table, &engine, before, change)?;
        }
        Ok(Replica { engine, after: None })
    }

    /// Brings the copy up to, and not including, the last record that touches the index.
    fn follow(&self, table: &str, attribute: &str, replica: &mut Replica) -> Result<(), EngineError> {
        let arn = self.stream_arn(table)?;
        let mut position = replica.after.clone();
        let mut held_back: Option<Record> = None;
        loop {
            let page = self.read_raw(&arn, position.as_deref(), 1_000)?;
            let Some(last) = page.last() else { return Ok(()) };
            position = Some(last.dynamodb.sequence_number.clone());
            for record in page {
                let touches = [&record.dynamodb.new_image, &record.dynamodb.old_image]
                    .into_iter()
                    .flatten()
                    .any(|image| image.contains_key(attribute));
                if !touches {
                    continue;
                }
                if let Some(earlier) = held_back.replace(record) {
                    apply(table, &replica.engine, &earlier)?;
                    replica.after = Some(earlier.dynamodb.sequence_number);
                }
            }
        }
    }
}

fn apply(table: &str, copy: &Engine, record: &Record) -> Result<(), EngineError> {
    put_or_delete(table, copy, record.dynamodb.new_image.as_ref(), record)
}

fn put_or_delete(table: &str, copy: &Engine, image: Option<&Item>, record: &Record) -> Result<(), EngineError> {
    match image {
        Some(item) => copy.put_item(parse(json!({"TableName": table, "Item": item}))?).map(drop),
        None => copy.delete_item(parse(json!({"TableName": table, "Key": record.dynamodb.keys}))?).map(drop),
    }
    .map_err(EngineError::database)
}
