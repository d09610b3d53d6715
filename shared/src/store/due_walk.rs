//! What time has made due, found in the due index, and put off when it fails.

use std::{collections::VecDeque, marker::PhantomData, str::FromStr};

use domain::{Timestamp, timestamp::Seconds};

use super::{
    Entity, Index, Item, Key, Page, Query, Table,
    due::{DUE_SHARDS, DueWork},
    expression::{Change, Condition},
    item::Attributes,
    key::by_time,
    table::Updated,
};
use crate::{
    fault::{Failure, Fault},
    ground::work_time::WorkTime,
    meter,
};

/// The pause after the first failure; each is twice as long as the one before.
const FIRST_PAUSE: Seconds = Seconds::minutes(2);
/// The longest pause.
const LONGEST_PAUSE: Seconds = Seconds::hours(6);

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
    /// The place that was given last.
    given: Option<Item>,
    id: PhantomData<Id>,
}

impl<'t, E: Entity, Id: FromStr> DueWalk<'t, E, Id> {
    pub(super) fn new(table: &'t Table, work: DueWork<E>, now: Timestamp) -> Self {
        let shards = (0..DUE_SHARDS).map(|shard| (shard, None)).collect();
        Self { table, work, now, shards, found: VecDeque::new(), given: None, id: PhantomData }
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
                    self.given = Some(item);
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

    /// Says how the work went that was given last. What failed is put off with growing pauses, so that the next
    /// runs take up what they can do first; that it could not be read is no hindrance, since only its place in
    /// the index is moved. Any other write of the thing sets its place anew.
    ///
    /// # Errors
    /// The failure, for the report of the run.
    pub async fn settle<F: Into<Failure>>(&mut self, outcome: Result<(), F>) -> Result<(), Failure> {
        let failure = match outcome {
            Ok(()) => return Ok(()),
            Err(failure) => failure.into(),
        };
        if let (Failure::Broken(_), Some(item)) = (&failure, self.given.take())
            && let Err(fault) = self.put_off(&item).await
        {
            meter::our_fault(format!("work that failed is not put off: {fault}"));
        }
        Err(failure)
    }

    async fn put_off(&self, item: &Item) -> Result<(), Fault> {
        let (name, text) = (Index::Due.sk(), |name| item.text(name).unwrap_or_default());
        let place = text(name);
        let as_found = || Condition::Is(name, place.to_owned().into());
        let key = Key::read(E::KIND, text("pk"), text("sk"));
        let counted = self.table.update(&key, vec![Change::Add("put_offs", 1)], as_found()).await?;
        let Updated::Done(counted) = counted else { return Ok(()) };
        let failures = u32::try_from(counted.number("put_offs").unwrap_or(1)).unwrap_or(u32::MAX);
        // More doublings than this end in the longest pause anyway.
        let doublings = failures.saturating_sub(1).min(16);
        let pause = Seconds(FIRST_PAUSE.0.saturating_mul(1 << doublings)).min(LONGEST_PAUSE);
        let id = place.split_once('#').map_or("", |(_, id)| id);
        let later = by_time(self.now.plus(pause), id);
        self.table.update(&key, vec![Change::Set(name, later.into())], as_found()).await.map(|_| ())
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
}
