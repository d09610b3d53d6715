//! `GET /me/addresses`: where a person has goods sent to, the default first.

use domain::ErrorCode;
use shared::{
    Failure,
    api::{Context, Empty, Endpoint, Method, Okay, Page, Route, SignedIn, Touch},
    store::Kind,
};

use crate::{
    UsersTools,
    addresses::{ShownAddress, in_order},
};

/// See the head of this file.
#[derive(Debug)]
pub struct ListAddresses;

impl Endpoint for ListAddresses {
    const ROUTE: Route = Route::new("users.list_addresses", Method::Get, "/me/addresses")
        .summary("Lists where a person has goods sent to.")
        .touches(&[Touch::Get(Kind::USER), Touch::Query(Kind::ADDRESS)]);
    const ERRORS: &'static [ErrorCode] = &[];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = Empty;
    type Reply = Okay<Page<ShownAddress>>;

    async fn handle(tools: &UsersTools, caller: SignedIn, _: Empty, _: &Context) -> Result<Self::Reply, Failure> {
        let book = tools.core.table.address_book(&caller).await?;
        Ok(Okay(Page::all(in_order(book))))
    }
}
