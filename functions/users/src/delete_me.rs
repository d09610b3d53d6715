//! `DELETE /me`: a person withdraws.
//!
//! Nothing is erased yet: every device is signed out, the account is shut, and for seven days signing
//! in with `cancel_withdrawal` undoes it. After that [`crate::erase_withdrawn`] erases the person. What
//! they have bought has to come to its end first, as [`domain::users::Hindrance`] says; what they have
//! sold holds up the erasure and not the request. It is asked for before the proof: who has something
//! under way has not typed a wrong password.
//!
//! The proof is in the body, though a DELETE usually has none: an address ends in logs. There is no
//! `Idempotency-Key`: the request ends the session that sends it, so it is done once.

use domain::{
    ErrorCode, Timestamp,
    auth::{self, AuthError, Notice, PasswordAttempt, RecoveryCode, TokenText, totp::TotpCode},
    users::{COOLING_OFF, UsersError, codes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{
        Accepted, Context, Endpoint, Method, Route, SignedIn, Touch, WithCookies,
        cookies::{Cookie, CookieName},
    },
    codes,
    proofs::{self, FreshProof, second_factor::Typed},
    secrets::SecretName,
    store::{Index, Kind, Transaction, outbox::OutboxEvent, totp::Proofs},
    touches,
};

use crate::{UsersTools, hindrance};

/// See the head of this file.
#[derive(Debug)]
pub struct DeleteMe;

/// What shows that the person themselves asks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 2, "examples" = [{ "current_password": "a password of their own" }]))]
pub struct DeleteMeRequest {
    /// The password, for people who have one.
    #[serde(default)]
    current_password: Option<PasswordAttempt>,
    /// The proof of the address for the purpose `confirm`, for people who have no password. Good once.
    #[serde(default)]
    email_proof: Option<TokenText>,
    /// The six digits that the app shows now, for people whose sign-in asks for them.
    #[serde(default)]
    code: Option<TotpCode>,
    /// One of the recovery codes, in place of the six digits.
    #[serde(default)]
    recovery_code: Option<RecoveryCode>,
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
        .touches(touches![
            proofs::FRESH,
            &[
                Touch::Secret(SecretName::TotpKey),
                Touch::BatchGet(Kind::TOTP),
                Touch::Update(Kind::TOTP),
                Touch::QueryIndex(Kind::ORDER, Index::Gsi1),
                Touch::BatchGet(Kind::ORDER),
                Touch::Update(Kind::USER),
                Touch::Put(Kind::OUTBOX_EVENT),
            ],
        ])
        .with_body()
        .memory_mb(1024);
    const ERRORS: &'static [ErrorCode] = codes![
        proofs::REFUSALS,
        &[auth::codes::SECOND_FACTOR_NEEDED, auth::codes::SECOND_FACTOR_WRONG, codes::HINDERED],
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
        let typed = Typed::at_most_one_of(request.code, request.recovery_code)?;
        let fresh = FreshProof::one_of(&tools.core, request.current_password, request.email_proof, now)?;
        let found = table.get_caller_proofs(&caller).await?;
        if let Some(hindrance) = hindrance::of_buyer(table, found.user.id, now).await? {
            return Err(UsersError::Hindered(hindrance).into());
        }
        let writes = proved(tools, &found, fresh, typed, now).await?;
        let user = found.user;
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

/// The writes that use the proofs up, if they hold.
async fn proved<'t>(
    tools: &'t UsersTools,
    found: &Proofs,
    fresh: FreshProof,
    typed: Option<Typed>,
    now: Timestamp,
) -> Result<Transaction<'t>, Failure> {
    let core = &tools.core;
    let writes = core.table.transaction();
    let Some(totp) = found.enabled_totp() else {
        return Ok(fresh.prove(core, &found.user, found.password.as_ref(), now).await?.spend(writes));
    };
    let typed = typed.ok_or(AuthError::SecondFactorNeeded)?;
    let (proved, shown) = fresh.prove_with(&typed, core, found, totp, now).await?;
    Ok(proved.spend(writes).spend_totp(totp, shown, move |now| typed.was_late(shown, now)))
}
