//! How much one person may upload and keep (ASVS 5.2.4: files and bytes, per user), and for how long
//! an upload is waited for.

use crate::timestamp::{Seconds, Timestamp};

/// How many uploads one person may have open at once: granted, not yet looked at, and not lapsed.
pub const MAX_OPEN_UPLOADS: u32 = 10;

/// For how long an upload may be started after it was granted. Then the grant is no longer open.
pub const UPLOAD_GRANT_LIFETIME: Seconds = Seconds(300);

/// For how long after the end of its grant an upload is still waited for. S3 looks at the clock when
/// an upload begins: 10 MiB at 128 kbit/s take eleven minutes, and the function that looks at the
/// file is tried three times within four.
pub const UPLOAD_ARRIVAL_TIME: Seconds = Seconds::minutes(15);

/// How many uploads one person may begin on one day (UTC). Each costs up to three seconds of a
/// gigabyte, whether it is kept or not.
pub const UPLOADS_PER_DAY: u32 = 500;

/// How many bytes one person may keep: the originals and the pictures that were made of them, and
/// for an open upload what was declared. 500 MiB.
pub const STORED_BYTES_MAX: u64 = 500 * 1024 * 1024;

/// After how many seconds a page should ask again how far an upload is: soon while it is young,
/// seldom when something is slow.
#[must_use]
pub fn poll_after_s(created_at: Timestamp, now: Timestamp) -> u32 {
    match created_at.seconds_until(now) {
        0..30 => 1,
        30..120 => 3,
        _ => 15,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_asks_less_often_the_longer_it_takes() {
        let start = Timestamp::from_seconds(1_795_251_600);
        let after = |seconds| poll_after_s(start, start.plus(Seconds(seconds)));
        assert_eq!([0, 29, 30, 119, 120, 86_400].map(after), [1, 1, 3, 3, 15, 15]);
        // A reader's event may be a moment older than the grant's.
        assert_eq!(poll_after_s(start, start.minus(Seconds(5))), 1);
    }
}
