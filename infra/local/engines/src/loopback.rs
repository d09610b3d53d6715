//! Every port of the local cloud is for programs of this machine, and a browser is one of them: it
//! sends here what any site asks it to send. A site that points a name of its own to 127.0.0.1 (DNS
//! rebinding) even reads the answers, since to the browser it is one origin. What gives such a request
//! away is its `Host`: so each port answers to the names of this machine, with its own number, and to
//! no other.

use std::net::SocketAddr;

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// What everybody else is told.
pub const REFUSAL: &str =
    "This port is for the programs of this machine. Open it as http://localhost or http://127.0.0.1.";

/// Whether a request was sent to this port by a name of this machine.
#[must_use]
pub fn is_for(headers: &HeaderMap, port: u16) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let Ok(host) = host.to_str() else { return false };
    let (name, number) = match host.rsplit_once(':') {
        Some((name, number)) if !number.ends_with(']') => (name, number.parse().ok()),
        _ => (host, Some(80)),
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") && number == Some(port)
}

/// A layer for a router that is served on a port.
///
/// # Errors
/// Never: a request for another name is answered with 421 (RFC 9110 §15.5.20).
pub async fn only(address: SocketAddr, request: Request, next: Next) -> Response {
    if is_for(request.headers(), address.port()) { next.run(request).await } else { refused() }
}

/// The answer to a request for another name.
#[must_use]
pub fn refused() -> Response {
    (StatusCode::MISDIRECTED_REQUEST, REFUSAL).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (header::HOST, value.parse().unwrap())).collect()
    }

    #[test]
    fn only_names_of_this_machine_with_the_ports_own_number_pass() {
        for good in ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"] {
            assert!(is_for(&host(&[good]), 3000), "{good}");
        }
        for bad in [
            "evil.example",
            "evil.example:3000",
            "localhost",
            "localhost:3001",
            "localhost:",
            "localhost:3000x",
            "127.0.0.1.evil.example:3000",
            "localhost.evil.example:3000",
            "a@localhost:3000",
            "[::1]",
            "",
        ] {
            assert!(!is_for(&host(&[bad]), 3000), "{bad}");
        }
        assert!(is_for(&host(&["localhost"]), 80));
        assert!(!is_for(&host(&[]), 3000));
        assert!(!is_for(&host(&["localhost:3000", "evil.example"]), 3000));
    }
}
