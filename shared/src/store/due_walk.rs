//! What time has made due, found in the due index.

use std::{collections::VecDeque, marker::PhantomData, str::FromStr};

use domain::Timestamp;

use super::{
    Entity, Index, Item, Page, Query, Table,
    due::{DUE_SHARDS, DueWork},
    item::Attributes,
};
use crate::{fault::Fault, ground::work_time::WorkTime};

/// How many places of the index are read at once.
const PAGE: u32 = 25;

/// A walk through all that is due at a moment, once and to the end, the shards in turn: however much is due
/// in one of them, what is due in the others has its turn in every run.
///
/// It goes forward and never back. What stays where it is, because somebody else is at it or the table
/// refused, does not keep those behind it waiting; the next run finds it.
#[derive(Debug)]
pub struct DueWalk<'t, E, Id> {
    table: &'t Table,
    work: DueWork<E>,
    now: Timestamp,
    /// The shards that are not at their end, each with the place that was read last.
    shards: Vec<(u8, Option<Attributes>)>,
    found: VecDeque<Item>,
    id: PhantomData<Id>,
}

impl<'t, E: Entity, Id: FromStr> DueWalk<'t, E, Id> {
    pub(super) fn new(table: &'t Table, work: DueWork<E>, now: Timestamp) -> Self {
        let shards = (0..DUE_SHARDS).map(|shard| (shard, None)).collect();
        Self { table, work, now, shards, found: VecDeque::new(), id: PhantomData }
    }

    /// The next that is due; `None` when there is none, or the run is to take up no more. The index is only
    /// a hint: it may lag behind what it points at.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn next(&mut self, time: &WorkTime) -> Result<Option<Id>, Fault> {
        while !time.is_over() {
            if let Some(item) = self.found.pop_front() {
                if let Some(id) = id_of(&item) {
                    return Ok(Some(id));
                }
            } else if self.shards.is_empty() {
                return Ok(None);
            } else {
                self.read_on().await?;
            }
        }
        Ok(None)
    }

    /// Reads the next page of each shard that is not at its end.
    async fn read_on(&mut self) -> Result<(), Fault> {
        for (shard, after) in std::mem::take(&mut self.shards) {
            let Page { items, last_key } = self.table.due_page(self.work, shard, self.now, PAGE, after).await?;
            self.found.extend(items);
            if last_key.is_some() {
                self.shards.push((shard, last_key));
            }
        }
        Ok(())
    }
}

fn id_of<Id: FromStr>(item: &Item) -> Option<Id> {
    item.text("duesk").and_then(|place| place.split_once('#')).and_then(|(_, id)| id.parse().ok())
}

impl Table {
    async fn due_page<E: Entity>(
        &self,
        work: DueWork<E>,
        shard: u8,
        now: Timestamp,
        limit: u32,
        after: Option<Attributes>,
    ) -> Result<Page, Fault> {
        // `#` sorts before `~`: everything due at `now` itself is still in.
        let due = Query::in_index(E::KIND, Index::Due, work.partition(shard)).up_to(format!("{now}~"));
        self.query(due.limit(limit).after(after)).await
    }

    /// The ids of what is due, from every shard, at most `limit` from each.
    pub(crate) async fn due<E: Entity, Id: FromStr>(
        &self,
        work: DueWork<E>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Id>, Fault> {
        let mut ids = Vec::new();
        for shard in 0..DUE_SHARDS {
            let Page { items, .. } = self.due_page(work, shard, now, limit, None).await?;
            ids.extend(items.iter().filter_map(id_of));
        }
        Ok(ids)
    }
}
