//! `DELETE /me/addresses/{address_id}`: goods are sent there no longer.
//!
//! When it was the default, the newest of the others takes its place; after the last one there is
//! none. Orders that were placed keep the address that they were placed with.

use domain::{
    ErrorCode,
    ids::AddressId,
    users::{UsersError, codes},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, NoContent, Route, SignedIn, Touch},
    store::Kind,
};

use crate::UsersTools;

/// See the head of this file.
#[derive(Debug)]
pub struct RemoveAddress;

/// Which address.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveAddressRequest {
    /// Its id.
    address_id: AddressId,
}

impl Endpoint for RemoveAddress {
    const ROUTE: Route = Route::new("users.remove_address", Method::Delete, "/me/addresses/{address_id}")
        .summary("Removes a place where a person has goods sent to.")
        .touches(&[
            Touch::Get(Kind::USER),
            Touch::Query(Kind::ADDRESS),
            Touch::Delete(Kind::ADDRESS),
            Touch::Check(Kind::ADDRESS),
            Touch::Update(Kind::USER),
        ]);
    const ERRORS: &'static [ErrorCode] = &[codes::ADDRESS_NOT_FOUND];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = RemoveAddressRequest;
    type Reply = NoContent;

    async fn handle(
        tools: &UsersTools,
        caller: SignedIn,
        request: RemoveAddressRequest,
        _: &Context,
    ) -> Result<Self::Reply, Failure> {
        let table = &tools.core.table;
        let book = table.address_book(&caller).await?;
        if !book.addresses.iter().any(|address| address.id == request.address_id) {
            return Err(UsersError::AddressNotFound.into());
        }
        table
            .transaction()
            .remove_address(&caller, &book, request.address_id, || UsersError::AddressNotFound)
            .commit()
            .await?;
        Ok(NoContent)
    }
}
