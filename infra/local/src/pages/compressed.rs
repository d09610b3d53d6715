//! Answers that are compressed on their way, as CloudFront does where its behaviour says `Compress`: texts of 1,000 to
//! 10,000,000 bytes, for whoever takes them so (CloudFront Developer Guide, "Serve compressed files"). CloudFront
//! knows Brotli besides; gzip alone shows what a page weighs.

use std::io::{self, Write as _};

use axum::{
    body::{Body, HttpBody as _},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
    middleware::Next,
};
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt as _;

const AT_LEAST: u64 = 1_000;
const AT_MOST: u64 = 10_000_000;

/// Compresses what comes back, where it is worth it.
pub(super) async fn compressed(request: Request, next: Next) -> Response<Body> {
    let is_wanted = request.method() != Method::HEAD && takes_gzip(request.headers());
    let response = next.run(request).await;
    let size = response.body().size_hint().exact();
    let is_worth_it = response.status() == StatusCode::OK
        && size.is_some_and(|size| (AT_LEAST..=AT_MOST).contains(&size))
        && !response.headers().contains_key(header::CONTENT_ENCODING)
        && is_text(response.headers());
    if !is_wanted || !is_worth_it {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(plain) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return Response::from_parts(parts, Body::empty());
    };
    match gzip(&plain) {
        Ok(small) => {
            parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            parts.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(small))
        }
        Err(_) => Response::from_parts(parts, Body::from(plain)),
    }
}

fn gzip(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain)?;
    encoder.finish()
}

/// Whether `Accept-Encoding` names gzip, and not as what it does not want.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(',')).map(|coding| coding.split(';').map(str::trim));
    codings.any(|mut parts| {
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        is_gzip && !parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0_f32)))
    })
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/")
        || kind.ends_with("json")
        || matches!(kind, "application/xml" | "application/javascript" | "image/svg+xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_from_whoever_names_it() {
        for (value, expected) in [
            ("gzip", true),
            ("br, GZIP;q=0.8", true),
            ("deflate, gzip ; q=1", true),
            ("gzip;q=0", false),
            ("br, gzip; q=0.0", false),
            ("br", false),
            ("x-gzip2", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]);
            assert_eq!(takes_gzip(&headers), expected, "{value}");
        }
    }
}
