//! What comes with a request besides what it asks.

use domain::{Language, Timestamp};

use super::idempotency::Claim;

/// What comes with a request besides what it asks.
#[derive(Debug, Clone)]
pub struct Context {
    /// The moment of the event, told by API Gateway. The only "now" that a handler knows.
    pub now: Timestamp,
    /// The id of the request, for the log and for the `instance` of an error.
    pub request_id: String,
    /// The network address of the person, for limits. IPv6 is cut to its /64, IPv4 kept whole.
    pub source: String,
    /// The language to answer people in.
    pub language: Language,
    /// The claim that the request's `Idempotency-Key` makes, where the route takes one.
    pub claim: Option<Claim>,
}

impl Context {
    /// The network that the source is in, for what must stay rare although addresses are cheap: an IPv4
    /// address is cut to its /24. An IPv6 source is a network already.
    #[must_use]
    pub fn network(&self) -> String {
        match self.source.parse::<std::net::Ipv4Addr>().map(|address| address.octets()) {
            Ok([a, b, c, _]) => format!("{a}.{b}.{c}.0/24"),
            Err(_) => self.source.clone(),
        }
    }
}
