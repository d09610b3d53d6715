//! `POST /me/addresses`: another place to have goods sent to.
//!
//! The first one is the default whatever is asked. How many there are is counted by the condition of
//! the write, so of thirty at once no more than twenty get in.

use domain::{
    ErrorCode,
    ids::AddressId,
    orders::ShippingAddress,
    users::{UsersError, codes},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Created, Endpoint, Method, Route, SignedIn, Touch},
    random,
    store::{Kind, addresses::Address},
};

use crate::{UsersTools, addresses::ShownAddress};

/// See the head of this file.
#[derive(Debug)]
pub struct AddAddress;

/// The address.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddAddressRequest {
    /// The address, as `POST /checkouts` takes it.
    shipping: ShippingAddress,
    /// Whether goods go there from now on unless the person says otherwise.
    #[serde(default)]
    is_default: bool,
}

impl Endpoint for AddAddress {
    const ROUTE: Route = Route::new("users.add_address", Method::Post, "/me/addresses")
        .summary("Adds a place where a person has goods sent to.")
        .touches(&[Touch::Get(Kind::USER), Touch::Update(Kind::USER), Touch::Put(Kind::ADDRESS)])
        .idempotent();
    const ERRORS: &'static [ErrorCode] = &[codes::TOO_MANY_ADDRESSES];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = AddAddressRequest;
    type Reply = Created<ShownAddress>;

    async fn handle(
        tools: &UsersTools,
        caller: SignedIn,
        request: AddAddressRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let table = &tools.core.table;
        let user = table.get_caller(&caller).await?;
        let address = Address {
            id: AddressId::new(context.now, random::entropy()?),
            user_id: user.id,
            shipping: request.shipping,
            created_at: context.now,
        };
        let is_default = request.is_default || user.default_address.is_none();
        let reply = Created(ShownAddress::new(address.clone(), is_default.then_some(address.id)));
        table
            .transaction()
            .add_address(&caller, &user, &address, is_default, || UsersError::TooManyAddresses)
            .remember(context.claim.as_ref(), &reply)
            .commit()
            .await?;
        Ok(reply)
    }
}
