//! A local cloud in memory with a shop in it, and real events for the functions. What leads to an
//! event is done by the functions linked into this program, and nothing happens by itself: what the
//! measured program is to do must not be done by somebody else before.

use std::{net::Ipv4Addr, sync::Arc};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use domain::{Money, Timestamp, timestamp::Seconds};
use engines::{Engines, login::LoginState, toss::Card};
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::{Value, json};
use shared::{
    Fault,
    api::{
        Core, JobRoute,
        host::{AnyService, EndpointFace, HostedEndpoint, HostedJob},
    },
};

use super::BenchError;
use crate::{
    cloud::Cloud,
    environment::{Environment, TABLE},
    gateway::{Arrival, Routes, payload},
    hosts::{self, CalledBy, Function, Host},
    permissions::statements,
    services,
    settings::Settings,
};

pub(super) const PASSWORD: &str = "lamp over the old market";
/// A service that seems to have no jobs, so that the cloud delivers nothing to them.
struct OnlyEndpoints(&'static dyn AnyService);

impl AnyService for OnlyEndpoints {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn endpoints(&self) -> Vec<EndpointFace> {
        self.0.endpoints()
    }

    fn default_route(&self) -> Option<EndpointFace> {
        self.0.default_route()
    }

    fn jobs(&self) -> Vec<JobRoute> {
        Vec::new()
    }

    fn host_endpoint(&self, id: &str, core: Core) -> Result<Option<Arc<dyn HostedEndpoint>>, Fault> {
        self.0.host_endpoint(id, core)
    }

    fn host_job(&self, id: &str, core: Core) -> Result<Option<Arc<dyn HostedJob>>, Fault> {
        self.0.host_job(id, core)
    }
}

/// What is asked of an endpoint.
#[derive(Debug, Default)]
pub(super) struct Ask {
    /// What stands in place of the path's parameters, in their order.
    pub(super) parameters: Vec<String>,
    pub(super) query: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    /// How many hours after now it comes.
    pub(super) hours: u32,
}

impl Ask {
    pub(super) fn body(body: Value) -> Self {
        Self { body: Some(body), ..Self::default() }
    }

    pub(super) fn of(parameter: &str) -> Self {
        Self { parameters: vec![parameter.to_owned()], ..Self::default() }
    }

    pub(super) fn and_of(mut self, parameter: &str) -> Self {
        self.parameters.push(parameter.to_owned());
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// The cloud and who lives in it.
pub(super) struct World {
    cloud: Cloud,
    host: Host,
    functions: Vec<Function>,
    routes: Routes,
    routed: Vec<usize>,
    /// Grows with everything that must be new.
    number: u32,
    uploads: u32,
    after: Option<String>,
    token: String,
    token_fresh_until: Timestamp,
    pub(super) member: String,
    pub(super) listing: Value,
}

impl World {
    /// A cloud in which somebody has signed up and sells one thing.
    pub(super) async fn start() -> Result<Self, BenchError> {
        let wrapped = services::all()
            .into_iter()
            .map(|service| -> &'static dyn AnyService { Box::leak(Box::new(OnlyEndpoints(service))) })
            .collect();
        // Time goes on in what is measured, as it does in a shop.
        let settings = Settings { clock: None, ..Settings::for_tests() };
        let cloud = Cloud::start_with(settings, wrapped).await?;
        let functions = hosts::functions(&services::all());
        let environment = Arc::clone(&cloud.world().environment);
        let places = environment.places();
        for function in &functions {
            cloud.engines().permissions().grant(&function.name, statements(&function.touches, &places));
        }
        let host = Host::new(services::all(), environment, cloud.engines().clock().clone(), None, 1, false);
        let (routed, addresses): (Vec<usize>, Vec<(&str, &str)>) = functions
            .iter()
            .enumerate()
            .filter_map(|(place, function)| match function.called_by {
                CalledBy::Route { method, path } => Some((place, (method, path))),
                CalledBy::Trigger(_) => None,
            })
            .unzip();
        let routes = Routes::new(addresses);
        let mut world = Self {
            cloud,
            host,
            functions,
            routes,
            routed,
            number: 0,
            uploads: 0,
            after: None,
            token: String::new(),
            token_fresh_until: Timestamp::MIN,
            member: String::new(),
            listing: Value::Null,
        };
        world.open_shop().await?;
        Ok(world)
    }

    async fn open_shop(&mut self) -> Result<(), BenchError> {
        self.member = self.email();
        let proof = self.proof(&self.member.clone(), "sign_up").await?;
        let person = self.sign_up_ask(&proof);
        self.call("auth.sign_up", person).await?;
        self.sign_in().await?;
        let upload = self.upload().await?;
        self.run("media.process_upload", upload.event).await?;
        let listing = self.listing_ask(&upload.media_id);
        self.listing = self.call("catalog.create_listing", listing).await?;
        Ok(())
    }

    /// Sees to it that the token holds for the next minutes. Only when it must: an account may be
    /// tried a few times in a while.
    pub(super) async fn sign_in(&mut self) -> Result<(), BenchError> {
        let now = self.engines().clock().now();
        if now < self.token_fresh_until {
            return Ok(());
        }
        let ask = self.sign_in_ask();
        let session = self.call("auth.sign_in", ask).await?;
        self.token = text(&session, "/access_token")?;
        // It holds for ten.
        self.token_fresh_until = now.plus(Seconds::minutes(5));
        Ok(())
    }

    pub(super) fn engines(&self) -> &Engines {
        self.cloud.engines()
    }

    pub(super) fn login(&self) -> &LoginState {
        &self.cloud.world().login
    }

    pub(super) fn environment(&self) -> &Environment {
        &self.cloud.world().environment
    }

    pub(super) fn functions(&self) -> &[Function] {
        &self.functions
    }

    pub(super) fn variables(&self, function: &Function) -> Vec<(&'static str, String)> {
        self.cloud.world().environment.variables(&function.name, &function.variables)
    }

    pub(super) async fn stop(self) {
        let Self { cloud, host, .. } = self;
        drop(host);
        cloud.shutdown().await;
    }

    pub(super) fn number(&mut self) -> u32 {
        self.number = self.number.saturating_add(1);
        self.number
    }

    pub(super) fn email(&mut self) -> String {
        format!("person-{}@example.com", self.number())
    }

    /// A key that nobody has used.
    pub(super) fn key(&mut self) -> String {
        format!("bench-{}", self.number())
    }

    pub(super) fn function(&self, id: &str) -> Result<&Function, BenchError> {
        let found = self.functions.iter().find(|function| function.id == id);
        found.ok_or_else(|| BenchError::World(format!("there is no function {id}")))
    }

    /// The event with which the gateway asks an endpoint. Each comes from an address of its own,
    /// since many from one are refused.
    pub(super) fn event(&mut self, id: &str, ask: &Ask) -> Result<Value, BenchError> {
        let number = self.number();
        let CalledBy::Route { method, path } = self.function(id)?.called_by else {
            return Err(BenchError::World(format!("{id} is no endpoint")));
        };
        let mut parameters = ask.parameters.iter();
        let segment = |segment: &'static str| match segment.starts_with('{') {
            true => parameters.next().map_or(segment, String::as_str),
            false => segment,
        };
        let path = path.split('/').map(segment).collect::<Vec<_>>().join("/");
        let matched = self.routes.find(method, &path).filter(|found| {
            let place = self.routed.get(found.route).and_then(|place| self.functions.get(*place));
            place.is_some_and(|function| function.id == id)
        });
        let matched = matched.ok_or_else(|| BenchError::World(format!("{method} {path} leads elsewhere")))?;
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("localhost"));
        headers.insert("user-agent", HeaderValue::from_static("bench"));
        if ask.body.is_some() {
            headers.insert("content-type", HeaderValue::from_static("application/json"));
        }
        for (name, value) in &ask.headers {
            let value = HeaderValue::from_str(value).map_err(|error| BenchError::World(error.to_string()))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let body = ask.body.as_ref().map(Value::to_string).unwrap_or_default();
        let arrival = Arrival {
            method,
            path: &format!("/api{path}"),
            query: &ask.query,
            protocol: "HTTP/1.1",
            headers: &headers,
            body: body.as_bytes(),
            // Each from a network of its own, which limits count by.
            peer: Ipv4Addr::from_bits(0x0A00_0000_u32.saturating_add(number.saturating_mul(256))).into(),
            port: self.cloud.world().port,
            request_id: &format!("bench-{number}"),
            time: self.engines().clock().now().plus(Seconds::hours(ask.hours)),
        };
        Ok(payload(&arrival, &matched))
    }

    /// Asks a linked endpoint; what it answers must be good.
    pub(super) async fn call(&mut self, id: &str, ask: Ask) -> Result<Value, BenchError> {
        let event = self.event(id, &ask)?;
        let answer = self.run(id, event).await?;
        let body = super::body_of(id, &answer)?;
        Ok(serde_json::from_str(&body).unwrap_or_default())
    }

    /// Runs a linked function on an event.
    pub(super) async fn run(&self, id: &str, event: Value) -> Result<Value, BenchError> {
        let invocation = self.host.invoke(self.function(id)?, event, "bench").await;
        if let Some(fault) = invocation.fault {
            return Err(BenchError::World(format!("{id}: {fault}")));
        }
        invocation.outcome.map_err(|error| BenchError::World(format!("{id}: {error}")))
    }

    /// The effects that were written since this was last asked, as the stream delivers them.
    pub(super) fn new_effects(&mut self) -> Result<Vec<Value>, BenchError> {
        let mut effects = Vec::new();
        loop {
            let page = self.engines().database().read_stream(TABLE, self.after.as_deref(), 500)?;
            let Some(last) = page.last() else { return Ok(effects) };
            self.after = Some(last.sequence.clone());
            effects.extend(page.into_iter().map(|record| record.record).filter(|record| {
                let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
                text("/eventName") == Some("INSERT") && text("/dynamodb/NewImage/kind/S") == Some("outbox_event")
            }));
        }
    }

    /// Mails a code to an address and reads it there.
    pub(super) async fn code(&mut self, email: &str, purpose: &str) -> Result<String, BenchError> {
        self.new_effects()?;
        let asked = json!({"email": email, "purpose": purpose});
        self.call("auth.send_email_code", Ask::body(asked)).await?;
        let records = self.new_effects()?;
        self.run("notifications.deliver_outbox", json!({"Records": records})).await?;
        let mail = self.engines().mailbox().list(Some(email)).into_iter().next();
        let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let code = mail.and_then(|mail| mail.text.split_whitespace().find(is_code).map(str::to_owned));
        code.ok_or_else(|| BenchError::World(format!("no code came to {email}")))
    }

    /// The proof that an address is somebody's own.
    pub(super) async fn proof(&mut self, email: &str, purpose: &str) -> Result<String, BenchError> {
        let code = self.code(email, purpose).await?;
        let asked = json!({"email": email, "purpose": purpose, "code": code});
        text(&self.call("auth.verify_email_code", Ask::body(asked)).await?, "/email_proof")
    }

    pub(super) fn sign_up_ask(&mut self, proof: &str) -> Ask {
        let nickname = format!("person{}", self.number());
        let body = json!({"email_proof": proof, "nickname": nickname, "password": PASSWORD, "language": "ko"});
        Ask::body(body).header("idempotency-key", self.key())
    }

    pub(super) fn sign_in_ask(&self) -> Ask {
        Ask::body(json!({"email": self.member, "password": PASSWORD}))
    }

    pub(super) fn listing_ask(&mut self, media_id: &str) -> Ask {
        let price = json!({"amount": 28_000, "currency": "KRW"});
        let listing = json!({
            "kind": "sell", "title": "Oak desk lamp", "description": "Warm light for long evenings.",
            "category_id": "lighting", "options": [{"name": "colour", "values": ["white", "black"]}],
            "variants": [
                {"option_values": ["white"], "price": price, "stock": 9_000},
                {"option_values": ["black"], "price": price, "stock": 9_000},
            ],
            "pictures": [media_id],
        });
        Ask::body(listing).header("idempotency-key", self.key()).header("authorization", self.bearer())
    }

    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// What a guest asks who buys one thing.
    pub(super) fn checkout_ask(&mut self) -> Ask {
        let of = |pointer: &str| self.listing.pointer(pointer).cloned().unwrap_or_default();
        let order = json!({
            "lines": [{
                "listing_id": of("/id"), "variant_id": of("/variants/0/id"), "quantity": 1,
                "expected_price": of("/variants/0/price"),
            }],
            "contact": {"name": "Guest", "phone": "010-1234-5678", "email": "guest@example.com"},
            "shipping": {
                "name": "Guest", "phone": "010-1234-5678", "postcode": "06236", "address": "12 Teheran-ro, Seoul",
            },
        });
        Ask::body(order).header("idempotency-key", self.key())
    }

    /// What the browser asks when it comes back from the payment window with a card that is good.
    pub(super) fn confirm_ask(&mut self, checkout: &Value) -> Result<Ask, BenchError> {
        let checkout_id = text(checkout, "/checkout/id")?;
        let amount = checkout.pointer("/payment/amount").cloned().unwrap_or_default();
        let money: Money = serde_json::from_value(amount.clone()).map_err(|e| BenchError::World(e.to_string()))?;
        let key = self.cloud.toss().authenticated(&checkout_id, money, Card::Approve);
        let key = key.map_err(|error| BenchError::World(format!("{error:?}")))?;
        let body = json!({"checkout_id": checkout_id, "payment_key": key, "amount": amount});
        Ok(Ask::body(body).header("idempotency-key", self.key()))
    }

    /// A person may have ten uploads open, and after a while others.
    pub(super) async fn upload_ask(&mut self, size: usize) -> Result<Ask, BenchError> {
        self.uploads = self.uploads.saturating_add(1);
        if self.uploads.rem_euclid(8) == 0 {
            let _ = self.engines().clock().advance(Seconds::hours(1));
            self.sign_in().await?;
        }
        let body = json!({"purpose": "listing", "content_type": "image/jpeg", "size_bytes": size});
        Ok(Ask::body(body).header("idempotency-key", self.key()).header("authorization", self.bearer()))
    }

    /// Uploads a picture that waits to be looked at.
    pub(super) async fn upload(&mut self) -> Result<Uploaded, BenchError> {
        let picture = photo()?;
        let ask = self.upload_ask(picture.len()).await?;
        let grant = self.call("media.create_upload", ask).await?;
        let mut request = axum::http::Request::put(text(&grant, "/upload/url")?);
        for (name, value) in grant.pointer("/upload/headers").and_then(Value::as_object).into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        let request = request.body(Full::new(Bytes::from(picture))).map_err(|e| BenchError::World(e.to_string()))?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.map_err(|error| BenchError::World(error.to_string()))?;
        let event = self.engines().objects().pending_events().pop();
        match event {
            Some(event) if answer.status().is_success() => {
                self.engines().objects().acknowledge(&event);
                let event = json!({"Records": [event.record()]});
                Ok(Uploaded { media_id: text(&grant, "/media_id")?, event })
            }
            _ => Err(BenchError::World(format!("the upload was answered with {}", answer.status()))),
        }
    }
}

/// An upload and the event that tells of it.
pub(super) struct Uploaded {
    pub(super) media_id: String,
    pub(super) event: Value,
}

/// A photo of 2,000 x 1,500 px, larger than what is served.
fn photo() -> Result<Vec<u8>, BenchError> {
    let shade = |place: u32| u8::try_from(place.div_euclid(8)).unwrap_or(u8::MAX);
    let picture = image::RgbImage::from_fn(2_000, 1_500, |x, y| image::Rgb([shade(x), shade(y), 90]));
    let mut jpeg = Vec::new();
    let encoded = image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&picture);
    encoded.map_err(|error| BenchError::World(error.to_string()))?;
    Ok(jpeg)
}

pub(super) fn text(answer: &Value, pointer: &str) -> Result<String, BenchError> {
    let found = answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| BenchError::World(format!("{pointer} is missing in {answer}")))
}
