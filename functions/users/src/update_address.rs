//! `PATCH /me/addresses/{address_id}`: an address is put right, or becomes the default.
//!
//! What is left out stays as it is; an address that is given is given whole. That an address is no
//! longer the default cannot be said: another one becomes it.

use domain::{
    ErrorCode, FieldCode, FieldError,
    ids::AddressId,
    orders::ShippingAddress,
    users::{UsersError, codes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Touch, problem::RequestError, request::present},
    store::{Kind, expression::Value},
};

use crate::{UsersTools, addresses::ShownAddress};

/// See the head of this file.
#[derive(Debug)]
pub struct UpdateAddress;

/// What shall be otherwise; at least one field.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "examples" = [{ "is_default": true }]))]
pub struct UpdateAddressRequest {
    /// Which address.
    address_id: AddressId,
    /// The address, whole.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "ShippingAddress")]
    shipping: Option<ShippingAddress>,
    /// True: goods go there from now on unless the person says otherwise.
    #[serde(default, deserialize_with = "only_true")]
    #[schemars(with = "bool", extend("const" = true))]
    is_default: bool,
}

fn only_true<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    if bool::deserialize(deserializer)? {
        Ok(true)
    } else {
        let english = "must be true: make another address the default instead";
        Err(FieldError::new(FieldCode::Choice, english, "true여야 합니다. 다른 배송지를 기본으로 지정해 주세요")
            .into_serde())
    }
}

impl UpdateAddressRequest {
    fn check(&self) -> Result<(), RequestError> {
        if self.is_default || self.shipping.is_some() {
            return Ok(());
        }
        Err(RequestError::of_field(
            "",
            FieldCode::Required,
            "must have at least one field to change",
            "바꿀 항목을 하나 이상 보내야 합니다",
        ))
    }
}

impl Endpoint for UpdateAddress {
    const ROUTE: Route = Route::new("users.update_address", Method::Patch, "/me/addresses/{address_id}")
        .summary("Puts an address right, or makes it the default.")
        .touches(&[
            Touch::BatchGet(Kind::USER),
            Touch::BatchGet(Kind::ADDRESS),
            Touch::Update(Kind::ADDRESS),
            Touch::Check(Kind::ADDRESS),
            Touch::Update(Kind::USER),
            Touch::Check(Kind::USER),
        ]);
    const ERRORS: &'static [ErrorCode] = &[codes::ADDRESS_NOT_FOUND];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = UpdateAddressRequest;
    type Reply = Okay<ShownAddress>;

    async fn handle(
        tools: &UsersTools,
        caller: SignedIn,
        request: UpdateAddressRequest,
        _: &Context,
    ) -> Result<Self::Reply, Failure> {
        request.check()?;
        let table = &tools.core.table;
        let (user, address) = table.get_caller_and_address(&caller, request.address_id).await?;
        let mut address = address.ok_or(UsersError::AddressNotFound)?;
        let shipping = request.shipping.as_ref().map(Value::written).transpose()?;
        table
            .transaction()
            .change_address(&caller, address.id, shipping, request.is_default, || UsersError::AddressNotFound)
            .commit()
            .await?;
        address.shipping = request.shipping.unwrap_or(address.shipping);
        let default = if request.is_default { Some(address.id) } else { user.default_address };
        Ok(Okay(ShownAddress::new(address, default)))
    }
}
