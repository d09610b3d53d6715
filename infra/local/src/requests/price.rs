//! What a request costs at list price, without free tiers and volume discounts.
//!
//! Money is counted in pico-dollars (10⁻¹² dollars), in integers: the smallest price here, one
//! read unit, is 125,000 of them.
//!
//! The list prices are those of us-east-1, read in autumn 2026 (other regions differ by up to a
//! third):
//! | what | price | where it stands |
//! |---|---|---|
//! | HTTP API | $1.00 per million requests of up to 512 KB | aws.amazon.com/api-gateway/pricing |
//! | Lambda, a call | $0.20 per million | aws.amazon.com/lambda/pricing |
//! | Lambda, arm64 | $0.0000133334 per GB-second, billed by the millisecond | the same |
//! | DynamoDB on demand | $0.625 per million write units, $0.125 per million read units | aws.amazon.com/dynamodb/pricing/on-demand |
//! | SES | $0.10 per 1,000 mails | aws.amazon.com/ses/pricing |
//! | S3 | $0.005 per 1,000 puts | aws.amazon.com/s3/pricing |

use serde::{Serialize, Serializer};

use super::Entry;

/// Pico-dollars in one dollar.
const DOLLAR: u128 = 1_000_000_000_000;

const GATEWAY_REQUEST: u64 = 1_000_000;
const LAMBDA_CALL: u64 = 200_000;
/// For a GB-second; a GB is 1,024 MB here.
const LAMBDA_GB_SECOND: u64 = 13_333_400;
const WRITE_HALF_UNIT: u64 = 312_500;
const READ_HALF_UNIT: u64 = 62_500;
const MAIL: u64 = 100_000_000;
const OBJECT_PUT: u64 = 5_000_000;

/// An amount in pico-dollars. In JSON a text of dollars with twelve decimals: `"0.000003517334"`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PicoDollars(pub u64);

impl PicoDollars {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::fmt::Display for PicoDollars {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pico = u128::from(self.0);
        write!(f, "{}.{:012}", pico.div_euclid(DOLLAR), pico.rem_euclid(DOLLAR))
    }
}

impl Serialize for PicoDollars {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What an entry costs. The time is the one measured here, on this machine and in this build.
#[must_use]
pub fn price(entry: &Entry) -> PicoDollars {
    let ms = u64::try_from(entry.duration.as_micros()).unwrap_or(u64::MAX).div_ceil(1_000);
    let time = u64::from(entry.memory_mb).saturating_mul(ms).saturating_mul(LAMBDA_GB_SECOND).div_ceil(1_024 * 1_000);
    let gateway = if entry.through_gateway { GATEWAY_REQUEST } else { 0 };
    let writes = u64::from(entry.usage.write_half_units).saturating_mul(WRITE_HALF_UNIT);
    let reads = u64::from(entry.usage.read_half_units).saturating_mul(READ_HALF_UNIT);
    let mails = entry.mails.saturating_mul(MAIL);
    let objects = entry.objects_put.saturating_mul(OBJECT_PUT);
    let parts = [gateway, LAMBDA_CALL, time, writes, reads, mails, objects];
    PicoDollars(parts.into_iter().fold(0, u64::saturating_add))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::Timestamp;
    use shared::meter::Usage;

    use super::*;

    fn entry() -> Entry {
        Entry {
            time: Timestamp::MIN,
            request_id: String::new(),
            operation: "auth.sign_in",
            method: "POST".to_owned(),
            path: String::new(),
            status: 200,
            code: None,
            fault: None,
            duration: Duration::ZERO,
            memory_mb: 128,
            through_gateway: true,
            usage: Usage::default(),
            mails: 0,
            objects_put: 0,
        }
    }

    #[test]
    fn a_million_of_each_thing_costs_its_list_price() {
        let million = |entry: &Entry| PicoDollars(price(entry).0 * 1_000_000).to_string();
        assert_eq!(million(&entry()), "1.200000000000");
        let job = Entry { through_gateway: false, ..entry() };
        assert_eq!(million(&job), "0.200000000000");
        let usage = Usage { write_half_units: 2, read_half_units: 2, ..Usage::default() };
        assert_eq!(million(&Entry { usage, ..job.clone() }), "0.950000000000");
        assert_eq!(million(&Entry { mails: 1, ..job.clone() }), "100.200000000000");
        assert_eq!(million(&Entry { objects_put: 1, ..job.clone() }), "5.200000000000");
    }

    #[test]
    fn time_is_billed_by_the_started_millisecond_and_the_memory() {
        let second = Entry { duration: Duration::from_secs(1), memory_mb: 1_024, through_gateway: false, ..entry() };
        assert_eq!(price(&second).0, 200_000 + 13_333_400);
        let moment = |us| Entry { duration: Duration::from_micros(us), memory_mb: 1_024, ..entry() };
        assert_eq!(price(&moment(1)), price(&moment(1_000)));
        assert!(price(&moment(1_001)) > price(&moment(1_000)));
    }

    #[test]
    fn dollars_are_written_with_all_their_decimals() {
        assert_eq!(PicoDollars(3_517_334).to_string(), "0.000003517334");
        assert_eq!(PicoDollars(2_000_000_000_001).to_string(), "2.000000000001");
    }
}
