//! What a browser and its person do, without a browser: requests, uploads, the payment window.

use axum::http::{HeaderMap, Request, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy::Client as Http, rt::TokioExecutor};
use serde_json::{Value, json};

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The JSON of an answer that must have this status.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }
}

/// Sends a request; a connection that breaks is an error.
pub(crate) async fn try_send(
    request: http::request::Builder,
    body: impl Into<Bytes>,
) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
    let http = Http::builder(TokioExecutor::new()).build_http();
    let answer = http.request(request.body(Full::new(body.into()))?).await?;
    let (parts, body) = answer.into_parts();
    Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body: body.collect().await?.to_bytes() })
}

/// A browser at a site, perhaps with somebody signed in.
#[derive(Clone)]
pub(crate) struct Browser {
    site: String,
    token: Option<String>,
}

impl Browser {
    pub(crate) fn at(port: u16) -> Self {
        Self { site: format!("http://127.0.0.1:{port}"), token: None }
    }

    fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.site));
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        try_send(self.request("GET", path), "").await.unwrap()
    }

    pub(crate) async fn get_as_guest(&self, path: &str, secret: &str) -> Answer {
        try_send(self.request("GET", path).header("order-secret", secret), "").await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.try_post(path, "", body).await.unwrap()
    }

    pub(crate) async fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.try_post(path, key, body).await.unwrap()
    }

    pub(crate) async fn try_post(
        &self,
        path: &str,
        key: &str,
        body: &Value,
    ) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let mut request = self.request("POST", path).header(header::CONTENT_TYPE, "application/json");
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        try_send(request, body.to_string()).await
    }

    /// Waits until the cloud has nothing left to deliver.
    pub(crate) async fn quiet(&self) {
        self.get("/_local/quiet").await.expect(200);
    }

    /// The newest mail to this address.
    pub(crate) async fn newest_mail(&self, to: &str) -> Value {
        self.quiet().await;
        self.get(&format!("/_local/mail?to={to}")).await.expect(200)["items"][0].clone()
    }

    /// From an address to a signed-in person, by the code from the mailbox.
    pub(crate) async fn sign_up(&mut self, name: &str) {
        let (email, password) = (format!("{name}@example.com"), "correct horse battery");
        let asked = json!({"email": email, "purpose": "sign_up"});
        self.post("/api/auth/email-codes", &asked).await.expect(202);
        let mail = self.newest_mail(&email).await;
        let text = mail["text"].as_str().unwrap();
        let code = text.split_whitespace().find(|word| word.len() == 6 && word.bytes().all(|b| b.is_ascii_digit()));
        let verified = json!({"email": email, "purpose": "sign_up", "code": code.unwrap()});
        let proof = self.post("/api/auth/email-codes/verify", &verified).await.expect(200);
        let wanted = json!({"email_proof": proof["email_proof"], "nickname": name, "password": password});
        self.post_once("/api/auth/sign-up", &format!("sign-up-{name}"), &wanted).await.expect(201);
        let session = self.post("/api/auth/sign-in", &json!({"email": email, "password": password})).await.expect(200);
        self.token = Some(session["access_token"].as_str().unwrap().to_owned());
    }

    /// Uploads a picture and waits until it can be shown.
    pub(crate) async fn upload(&self, jpeg: Vec<u8>) -> String {
        let wanted = json!({"purpose": "listing", "content_type": "image/jpeg", "size_bytes": jpeg.len()});
        let grant = self.post_once("/api/media/uploads", "upload", &wanted).await.expect(201);
        let mut put = Request::put(grant["upload"]["url"].as_str().unwrap());
        for (name, value) in grant["upload"]["headers"].as_object().unwrap() {
            put = put.header(name, value.as_str().unwrap());
        }
        assert_eq!(try_send(put, jpeg).await.unwrap().status, 200);
        self.quiet().await;
        let id = grant["media_id"].as_str().unwrap().to_owned();
        let media = self.get(&format!("/api/media/{id}")).await.expect(200);
        assert_eq!(media["state"], "ready", "{media}");
        id
    }

    /// Pays in the simulated window with the card of this name; gives what the window gives to the
    /// page that it returns to.
    pub(crate) async fn pay_in_window(&self, checkout: &Value, card: &str) -> Value {
        // The window's address names the host as people see it; here it is the same machine.
        let window = checkout["payment"]["window_url"].as_str().unwrap();
        let path = window.split_once("/_local/").unwrap().1;
        let page = self.get(&format!("/_local/{path}")).await;
        let html = String::from_utf8(page.body.to_vec()).unwrap();
        let key = html.split("name=\"payment_key\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let form = format!("payment_key={key}&choice={card}");
        let back = try_send(
            self.request("POST", "/_local/toss/window/authenticate")
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            form,
        )
        .await
        .unwrap();
        assert_eq!(back.status, 303, "{back:?}");
        let location = back.headers[header::LOCATION].to_str().unwrap();
        assert!(location.contains(&format!("paymentKey={key}")), "{location}");
        json!({
            "checkout_id": checkout["checkout"]["id"],
            "payment_key": key,
            "amount": checkout["payment"]["amount"],
        })
    }
}
