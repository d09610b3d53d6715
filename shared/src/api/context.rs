//! What comes with a request besides what it asks.

use std::net::{Ipv4Addr, Ipv6Addr};

use domain::{Language, Timestamp};

use super::idempotency::Claim;

/// What comes with a request besides what it asks.
#[derive(Debug, Clone)]
pub struct Context {
    /// The moment of the event, told by API Gateway. The only "now" that a handler knows.
    pub now: Timestamp,
    /// The id of the request, for the log and for the `instance` of an error.
    pub request_id: String,
    /// The network address of the person, for limits. IPv6 is cut to its /56, which a home is given, and IPv4 kept whole.
    pub source: String,
    /// The language to answer people in.
    pub language: Language,
    /// The claim that the request's `Idempotency-Key` makes, where the route takes one.
    pub claim: Option<Claim>,
}

impl Context {
    /// The network that the source is in, for what must stay rare although addresses are cheap: IPv4 is cut
    /// to its /24, IPv6 to its /48. That is what one customer is given at most (RFC 6177), and what whoever
    /// has it divides into 256 sources.
    #[must_use]
    pub fn network(&self) -> String {
        if let Ok([a, b, c, _]) = self.source.parse::<Ipv4Addr>().map(|address| address.octets()) {
            return format!("{a}.{b}.{c}.0/24");
        }
        let v6 = self.source.strip_suffix("/56").and_then(|address| address.parse::<Ipv6Addr>().ok());
        v6.map_or_else(
            || self.source.clone(),
            |address| {
                let [a, b, c, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}::/48")
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_what_one_customer_is_given_at_most() {
        for (source, network) in [
            ("203.0.113.7", "203.0.113.0/24"),
            ("2001:db8:1:200::/56", "2001:db8:1::/48"),
            ("2001:db8:1:ff00::/56", "2001:db8:1::/48"),
            ("2001:db8:2:200::/56", "2001:db8:2::/48"),
            ("0:0:0:0::/56", "0:0:0::/48"),
            ("unknown", "unknown"),
        ] {
            let context = Context {
                now: Timestamp::MIN,
                request_id: String::new(),
                source: source.to_owned(),
                language: Language::English,
                claim: None,
            };
            assert_eq!(context.network(), network);
        }
    }
}
