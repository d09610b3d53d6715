//! What the engine leaves undone in its file, done by a second connection.
//!
//! * It looks for the latest record of a stream before every write, by an expression without an index:
//!   at 20,000 records that is most of what a write costs. Here is the index.
//! * It never removes a record. A record goes when every reader has had it, and after a day in any case,
//!   as AWS keeps them (DynamoDB Developer Guide, "Change data capture for DynamoDB Streams"). The last
//!   one stays, so that the numbers go on from it.
//! * It sweeps by the machine's clock; here is ours.
//!
//! The engine works while this connection rests, and this one while the engine rests ([`beside`]): two
//! writers of one file would wait for one another in SQLite, which gives up after five seconds and knows
//! no queue.
//!
//! In memory there is no second connection; what is in memory does not grow old.
//!
//! [`beside`]: Housekeeping::beside

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::timestamp::Seconds;
use dynoxide::storage::Storage;
use futures_util::FutureExt as _;

use super::{Database, OurClock};
use crate::{Clock, EngineError, clock};

/// For how long a record is kept that nobody has read.
const KEPT_AT_MOST: Seconds = Seconds::hours(24);

/// How many records are removed before the next request gets its turn.
const AT_ONCE: i64 = 1_000;

/// The public form of a number in the stream is this much larger than the stored one.
const PUBLIC_OFFSET: u128 = 100_000_000_000_000_000_000;

const INDEX: &str = "CREATE INDEX IF NOT EXISTS _stream_records_in_order \
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER))";

const TRIM: &str = "DELETE FROM _stream_records WHERE id IN ( \
    SELECT id FROM _stream_records WHERE table_name = ?1 AND CAST(sequence_number AS INTEGER) <= ?2 \
      AND CAST(sequence_number AS INTEGER) < \
        (SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?1) \
    ORDER BY CAST(sequence_number AS INTEGER) LIMIT ?3)";

const FREE_SHARE: &str = "SELECT CASE WHEN freelist_count > 2560 THEN 100 * freelist_count / page_count ELSE 0 END \
    FROM pragma_freelist_count(), pragma_page_count()";

/// The second connection to the file, if there is a file.
pub(super) struct Housekeeping {
    storage: Mutex<Option<Storage>>,
}

impl Housekeeping {
    pub(super) fn open(file: Option<&Path>, clock: &Clock) -> Result<Self, EngineError> {
        let Some(file) = file else { return Ok(Self { storage: Mutex::new(None) }) };
        let storage = Storage::new(&file.to_string_lossy()).map_err(EngineError::database)?;
        let storage = storage.with_clock(Arc::new(OurClock(clock.clone())));
        storage.conn().execute_batch(INDEX).map_err(EngineError::database)?;
        // A file that is mostly empty, since an earlier run removed much, is written anew.
        let free: i64 = storage.conn().query_row(FREE_SHARE, (), |row| row.get(0)).map_err(EngineError::database)?;
        if free > 50 {
            storage.vacuum().map_err(EngineError::database)?;
        }
        Ok(Self { storage: Mutex::new(Some(storage)) })
    }

    /// Runs the work of the engine while this connection rests.
    pub(super) fn beside<T>(&self, work: impl FnOnce() -> T) -> T {
        let _rests = self.storage();
        work()
    }

    /// Removes what has expired by our clock; nothing without a file.
    pub(super) fn sweep_ttl(&self) -> Option<Result<usize, EngineError>> {
        let storage = self.storage();
        let storage = storage.as_ref()?;
        // The native engine never waits inside its futures, so one poll is all of it.
        let swept = dynoxide::ttl::sweep_expired_items(storage).now_or_never();
        Some(match swept {
            Some(swept) => swept.map_err(EngineError::database),
            None => Err(EngineError::database("the sweep did not finish")),
        })
    }

    /// Removes some of the oldest records of a stream up to this number, but the last of all.
    fn trim(&self, table: &str, up_to: i64) -> Result<usize, EngineError> {
        let storage = self.storage();
        let Some(storage) = storage.as_ref() else { return Ok(0) };
        storage.conn().execute(TRIM, (table, up_to, AT_ONCE)).map_err(EngineError::database)
    }

    fn storage(&self) -> MutexGuard<'_, Option<Storage>> {
        self.storage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Database {
    /// Removes the records of a table's stream that nobody needs any more: up to `had`, which every
    /// reader has had, and everything older than a day. Tells how many. Nothing in memory.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn trim_stream(&self, table: &str, had: Option<&str>) -> Result<usize, EngineError> {
        let had = had.and_then(stored).unwrap_or(0);
        // The engine numbers records by the machine's clock, in microseconds; a number is never less.
        let day_ago = clock::machine_now().minus(KEPT_AT_MOST).millis().saturating_mul(1_000);
        let mut removed = 0_usize;
        loop {
            match self.inner.housekeeping.trim(table, had.max(day_ago))? {
                0 => return Ok(removed),
                some => removed = removed.saturating_add(some),
            }
        }
    }
}

/// The number under which a record is stored that has this number in public.
fn stored(public: &str) -> Option<i64> {
    i64::try_from(public.parse::<u128>().ok()?.checked_sub(PUBLIC_OFFSET)?).ok()
}
