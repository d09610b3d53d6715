//! `PUT /me/location`: a person says where they are, for what is near to them, or that nobody shall
//! know any longer.
//!
//! The exact place is theirs alone: others see the city and the district, and only of people who said
//! so.

use domain::{ErrorCode, auth::Profile, users::Location};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Touch},
    store::Kind,
};

use crate::UsersTools;

/// See the head of this file.
#[derive(Debug)]
pub struct SetLocation;

/// Where they are.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLocationRequest {
    /// The place; null when nobody shall know.
    #[serde(deserialize_with = "must_be_there")]
    #[schemars(schema_with = "place_or_null")]
    location: Option<Location>,
}

/// Null is a value here, so leaving the field out is a mistake.
fn must_be_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Location>, D::Error> {
    Option::deserialize(deserializer)
}

/// Marked as required by itself, schemars would leave null out of what the field may be.
fn place_or_null(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<Option<Location>>()
}

impl Endpoint for SetLocation {
    const ROUTE: Route = Route::new("users.set_location", Method::Put, "/me/location")
        .summary("Says where a person is, or that nobody shall know.")
        .touches(&[Touch::Update(Kind::USER)]);
    const ERRORS: &'static [ErrorCode] = &[];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = SetLocationRequest;
    type Reply = Okay<Profile>;

    async fn handle(
        tools: &UsersTools,
        caller: SignedIn,
        request: SetLocationRequest,
        _: &Context,
    ) -> Result<Self::Reply, Failure> {
        Ok(Okay(tools.core.table.set_location(&caller, request.location.as_ref()).await?.into()))
    }
}
