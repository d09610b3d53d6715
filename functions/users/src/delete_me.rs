//! `DELETE /me`: a person withdraws.
//!
//! Nothing is erased yet: every device is signed out, the account is shut, and for seven days signing
//! in with `cancel_withdrawal` undoes it. After that [`crate::erase_withdrawn`] erases the person. What
//! is under way with others has to come to its end first, as [`domain::users::Hindrance`] says.
//!
//! The proof is in the body, though a DELETE usually has none: an address ends in logs. There is no
//! `Idempotency-Key`: the request ends the session that sends it, so it is done once.

use domain::{
    ErrorCode, Timestamp,
    auth::{self, AuthError, Notice, PasswordAttempt},
    users::{COOLING_OFF, UsersError, codes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{
        Accepted, Context, Endpoint, Method, Route, SignedIn, Touch, WithCookies,
        cookies::{Cookie, CookieName},
        problem::{FieldProblem, RequestError},
    },
    secrets::SecretName,
    store::{
        Index, Kind, Transaction,
        outbox::OutboxEvent,
        users::{Password, User},
    },
};

use crate::{UsersTools, hindrance, proof};

/// See the head of this file.
#[derive(Debug)]
pub struct DeleteMe;

/// What shows that the person themselves asks: exactly one of the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1, "examples" = [{ "password": "a password of their own" }]))]
pub struct DeleteMeRequest {
    /// The password, for people who have one.
    #[serde(default)]
    password: Option<PasswordAttempt>,
    /// The proof of the address, from a code for `confirm`, for people who have no password.
    #[serde(default)]
    email_proof: Option<String>,
}

/// The withdrawal is planned.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct WithdrawalPlanned {
    /// When the person is erased. Until then they can sign in with `cancel_withdrawal`.
    erase_at: Timestamp,
}

impl Endpoint for DeleteMe {
    const ROUTE: Route = Route::new("users.delete_me", Method::Delete, "/me")
        .summary("Withdraws: after seven days in which it can be undone, the person is erased.")
        .touches(&[
            Touch::Secret(SecretName::EmailCodeKey),
            Touch::BatchGet(Kind::User),
            Touch::BatchGet(Kind::Password),
            Touch::Update(Kind::LimitCounter),
            Touch::Delete(Kind::EmailCode),
            Touch::QueryIndex(Kind::Order, Index::Gsi1),
            Touch::BatchGet(Kind::Order),
            Touch::QueryIndex(Kind::Listing, Index::Gsi3),
            Touch::Query(Kind::Listing),
            Touch::Update(Kind::User),
            Touch::Put(Kind::OutboxEvent),
        ])
        .with_body()
        .memory_mb(1024);
    const ERRORS: &'static [ErrorCode] = &[
        auth::codes::PASSWORD_WRONG,
        auth::codes::EMAIL_PROOF_INVALID,
        auth::codes::TOO_MANY_ATTEMPTS,
        codes::HINDERED,
    ];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = DeleteMeRequest;
    type Reply = WithCookies<Accepted<WithdrawalPlanned>>;

    async fn handle(
        tools: &UsersTools,
        caller: SignedIn,
        request: DeleteMeRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let (table, now) = (&tools.core.table, context.now);
        request.check()?;
        let found = table.get_user_and_password(caller.user_id).await?;
        let (user, present) = found.filter(|(user, _)| user.knows(&caller)).ok_or(RequestError::SignInNeeded)?;
        let writes = proved(tools, table.transaction(), &user, present.as_ref(), &request, context).await?;
        if let Some(hindrance) = hindrance::of(table, user.id, now).await? {
            return Err(UsersError::Hindered(hindrance).into());
        }
        let erase_at = now.plus(COOLING_OFF);
        writes
            .plan_withdrawal(&caller, erase_at, now)
            .create(&OutboxEvent::notice(&user, Notice::WithdrawalPlanned { erase_at }, now)?)
            .commit()
            .await?;
        Ok(WithCookies {
            reply: Accepted(WithdrawalPlanned { erase_at }),
            cookies: vec![Cookie::gone(CookieName::Refresh)],
        })
    }
}

impl DeleteMeRequest {
    fn check(&self) -> Result<(), RequestError> {
        if self.password.is_some() != self.email_proof.is_some() {
            return Ok(());
        }
        let detail = "either `password` or `email_proof` must be there".to_owned();
        Err(RequestError::Invalid(vec![FieldProblem { pointer: "/password".to_owned(), detail }]))
    }
}

/// The writes that use the proof up, if it holds. Whoever has a password shows that: who reads their
/// mail must not be able to erase them by it alone. Whose sign-in asks for a second factor
/// ([`User::second_factor`]) shows that here too, once one can be set up.
async fn proved<'t>(
    tools: &UsersTools,
    writes: Transaction<'t>,
    user: &User,
    present: Option<&Password>,
    request: &DeleteMeRequest,
    context: &Context,
) -> Result<Transaction<'t>, Failure> {
    match (&request.email_proof, present) {
        (Some(text), None) => proof::by_email(tools, writes, user, text, context),
        (Some(_), Some(_)) => Err(AuthError::PasswordWrong.into()),
        (None, _) => proof::by_password(tools, writes, user, present, request.password.as_ref(), context).await,
    }
}
