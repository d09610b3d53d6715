//! What the simulators of other companies share: a port of their own, giving no answer at all, and
//! pages for people that show nothing unescaped.

use std::{io, net::SocketAddr};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use domain::Language;
use hyper::{
    body::Incoming,
    service::{Service as _, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::loopback;

/// Marks an answer that must not be given: whoever serves the router closes the connection. A
/// server that does not know the mark breaks the connection within the body, because the body of
/// such an answer fails.
#[derive(Debug, Clone, Copy)]
pub struct NoAnswer;

pub(crate) fn no_answer() -> Response {
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(io::Error::other("no answer")) });
    let mut response = Response::new(Body::from_stream(broken));
    response.extensions_mut().insert(NoAnswer);
    response
}

/// A free port of this machine, not served yet.
pub(crate) async fn free_port() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Serves a router to the names of this machine; abort the task to end it.
pub(crate) fn serve(listener: TcpListener, address: SocketAddr, router: Router) -> JoinHandle<()> {
    let router = router.layer(middleware::from_fn(move |request, next| loopback::only(address, request, next)));
    #[expect(clippy::disallowed_methods, reason = "a server of the local cloud, which no Lambda freezes")]
    tokio::spawn(accept(listener, router))
}

async fn accept(listener: TcpListener, router: Router) {
    let app = TowerToHyperService::new(router);
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let app = app.clone();
        let service = service_fn(move |request| answer(app.clone(), request));
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        #[expect(clippy::disallowed_methods, reason = "a server of the local cloud, which no Lambda freezes")]
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection to a simulator ended early");
            }
        });
    }
}

/// An error here closes the connection without an answer.
async fn answer(app: TowerToHyperService<Router>, request: http::Request<Incoming>) -> io::Result<Response> {
    let response = app.call(request).await.unwrap_or_else(|never| match never {});
    if response.extensions().get::<NoAnswer>().is_some() {
        return Err(io::Error::other("no answer, on purpose"));
    }
    Ok(response)
}

/// JSON with the type that its provider gives it.
pub(crate) fn json_response(status: u16, content_type: &'static str, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// Korean unless English is asked for: the default of providers in Korea.
pub(crate) fn language_of(headers: &HeaderMap) -> Language {
    let header = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    header.map_or(Language::Korean, Language::from_accept_language)
}

pub(crate) const fn pick(language: Language, english: &'static str, korean: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::Korean => korean,
    }
}

/// Text as HTML may show it, in an element and in a quoted attribute alike.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// `style` is the way from the page to its style sheet.
pub(crate) fn frame(language: Language, title: &str, style: &str, content: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n\
         <link rel=\"stylesheet\" href=\"{style}\">\n</head>\n<body>\n<main>\n{content}\n</main>\n</body>\n</html>\n",
        lang = language.tag(),
        title = escaped(title),
    )
}

/// A page that may run nothing, be framed by nobody, and send its form to us and to these sites.
pub(crate) fn html(status: StatusCode, form_targets: &[Option<String>], page: String) -> Response {
    let targets: Vec<&str> = form_targets.iter().flatten().map(String::as_str).collect();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self' {}",
        targets.join(" ")
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let headers: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (status, headers, page).into_response()
}

pub(crate) fn style_sheet(sheet: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "max-age=300")], sheet).into_response()
}

/// Scheme, host and port of a web address without a user name.
pub(crate) fn origin_of(address: &str) -> Option<String> {
    let uri: Uri = address.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let is_web = matches!(scheme, "http" | "https") && !authority.as_str().contains('@');
    is_web.then(|| format!("{scheme}://{authority}"))
}

/// An address with these parameters at its end.
pub(crate) fn with_query(address: &str, parameters: &[(&str, &str)]) -> String {
    let mut address = address.to_owned();
    for (name, value) in parameters {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(name);
        address.push('=');
        address.push_str(&percent_encoded(value));
    }
    address
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_64_whatever_goes_into_an_address_is_encoded() {
        let address = with_query("http://shop.test/x?a=b", &[("message", "한도 &\r\nLocation: x")]);
        assert_eq!(address, "http://shop.test/x?a=b&message=%ED%95%9C%EB%8F%84%20%26%0D%0ALocation%3A%20x");
    }

    #[test]
    fn attack_65_no_letter_of_a_text_is_read_as_html() {
        assert_eq!(escaped("<b a=\"x\" c='y'>&"), "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;");
    }
}
