//! Limits on the wire: `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-11),
//! on every answer to a request that was counted, whatever its status.
//!
//! Nothing is asked for it: who counts notes it ([`crate::store::limits`]). A counter that is written
//! alone tells how much is left. One that is written in a transaction does not (DynamoDB answers a
//! transaction with no values), so there the policy is said, and what is left only once nothing is.

use std::fmt::Write as _;

pub use crate::meter::{Left, RateLimit};

/// The headers that say so; none when nothing was counted. The names are those of our own constants,
/// which need no escaping (RFC 9651 §3.3.3).
#[must_use]
pub fn headers(limits: &[RateLimit]) -> Vec<(&'static str, String)> {
    let (mut policies, mut service) = (String::new(), String::new());
    for RateLimit { feature, most, window_s, left } in limits {
        separate(&mut policies);
        let _ = write!(policies, "\"{feature}\";q={most};w={window_s}");
        if let Some(Left { times, seconds }) = left {
            separate(&mut service);
            let _ = write!(service, "\"{feature}\";r={times};t={seconds}");
        }
    }
    [("ratelimit-policy", policies), ("ratelimit", service)].into_iter().filter(|(_, list)| !list.is_empty()).collect()
}

fn separate(list: &mut String) {
    if !list.is_empty() {
        list.push_str(", ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_policy_is_said_and_what_is_left_where_it_is_known() {
        let hour = RateLimit { feature: "codes-address-hour", most: 5, window_s: 3_600, left: None };
        let day = RateLimit { feature: "codes-address-day", most: 10, window_s: 86_400, left: None };
        assert_eq!(headers(&[]), []);
        assert_eq!(headers(&[hour]), [("ratelimit-policy", r#""codes-address-hour";q=5;w=3600"#.to_owned())]);
        let spent = RateLimit { left: Some(Left { times: 0, seconds: 40_000 }), ..day };
        assert_eq!(
            headers(&[hour, spent]),
            [
                ("ratelimit-policy", r#""codes-address-hour";q=5;w=3600, "codes-address-day";q=10;w=86400"#.to_owned()),
                ("ratelimit", r#""codes-address-day";r=0;t=40000"#.to_owned()),
            ]
        );
    }
}
