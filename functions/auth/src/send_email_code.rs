//! Mails a code of six digits to an address, so that whoever types it back has proved the address.
//!
//! The answer, the calls and the time are the same for addresses that have an account and those that
//! have none: this never looks. The mail itself leaves later, through the outbox. Asked again too
//! soon, nothing is sent and the code that was sent still holds.

use domain::{
    Timestamp,
    auth::{AuthError, CODE_LIFETIME, CODE_RESEND_AFTER, CodePurpose, codes},
    ids::{EmailCodeId, EventId},
    text::Email,
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Accepted, Anyone, Context, Endpoint, Method, Route, Touch},
    random,
    secrets::SecretName,
    store::{
        Item, Kind,
        email_codes::EmailCode,
        limits::Limit,
        meter,
        outbox::{Effect, OutboxEvent},
    },
    tokens::email_code,
};

use crate::AuthTools;

const PER_ADDRESS_AND_HOUR: Limit = Limit { feature: "codes-address-hour", most: 5, window: Seconds::hours(1) };
const PER_ADDRESS_AND_DAY: Limit = Limit { feature: "codes-address-day", most: 10, window: Seconds::days(1) };
const PER_NETWORK_AND_HOUR: Limit = Limit { feature: "codes-network-hour", most: 20, window: Seconds::hours(1) };
/// The sixteenths of [`for_everybody`].
const FOR_SIGN_UP: Limit = Limit { feature: "codes-everybody-sign-up", most: 70, window: Seconds::hours(1) };
const FOR_RESET: Limit = Limit { feature: "codes-everybody-reset", most: 35, window: Seconds::hours(1) };
const FOR_CONFIRM: Limit = Limit { feature: "codes-everybody-confirm", most: 20, window: Seconds::hours(1) };

/// Whoever has many addresses and many networks still cannot spend our good name with SES: at most 2,000
/// codes an hour in all (a new account at SES has some 50,000 mails a day), one sixteenth of them for each
/// sixteenth of the addresses. One counter for everybody would be written by everybody at once.
///
/// Each purpose has a share of its own, so that a flood of sign-ups keeps nobody from setting a forgotten
/// password or from confirming what they do.
const fn for_everybody(purpose: CodePurpose) -> Limit {
    match purpose {
        CodePurpose::SignUp => FOR_SIGN_UP,
        CodePurpose::PasswordReset => FOR_RESET,
        CodePurpose::Confirm => FOR_CONFIRM,
    }
}

const _: () = assert!(16 * (FOR_SIGN_UP.most + FOR_RESET.most + FOR_CONFIRM.most) == 2_000);

/// See the head of this file.
#[derive(Debug)]
pub struct SendEmailCode;

/// To which address, and what for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendEmailCodeRequest {
    /// The address to prove.
    email: Email,
    /// What the code is for.
    purpose: CodePurpose,
}

/// A code is on its way.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct EmailCodeSent {
    /// Until when the code holds.
    expires_at: Timestamp,
    /// When another code for this purpose may be sent to this address.
    resend_after: Timestamp,
}

impl Endpoint for SendEmailCode {
    const ROUTE: Route = Route::new("auth.send_email_code", Method::Post, "/auth/email-codes")
        .summary("Mails a code that proves an e-mail address.")
        .touches(&[
            Touch::Secret(SecretName::EmailCodeKey),
            Touch::Put(Kind::EMAIL_CODE),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Put(Kind::OUTBOX_EVENT),
        ]);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::CODE_TOO_SOON, codes::TOO_MANY_CODES];

    type Tools = AuthTools;
    type Caller = Anyone;
    type Request = SendEmailCodeRequest;
    type Reply = Accepted<EmailCodeSent>;

    async fn handle(
        tools: &AuthTools,
        _: Anyone,
        request: SendEmailCodeRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let SendEmailCodeRequest { email, purpose } = request;
        let now = context.now;
        let address = email_code::counter_subject(&tools.email_code_key()?, &email);
        let code = EmailCode {
            email: email.clone(),
            purpose,
            id: EmailCodeId::new(now, random::entropy()?),
            tries: 0,
            used: false,
            expires_at: now.plus(CODE_LIFETIME),
            resend_after: now.plus(CODE_RESEND_AFTER),
        };
        let mail = Effect::MailCode { to: email, purpose, code_id: code.id, language: context.language };
        let mail = OutboxEvent::new(EventId::new(now, random::entropy()?), mail, now);

        let network = context.network();
        let sixteenth = address.get(..1).unwrap_or_default().to_owned();
        let mut writes = tools
            .table()
            .transaction()
            .put(&code, EmailCode::may_replace(now))
            .or_else(move |earlier| too_soon(earlier, now));
        for (limit, subject) in
            [(PER_ADDRESS_AND_HOUR, &address), (PER_ADDRESS_AND_DAY, &address), (PER_NETWORK_AND_HOUR, &network)]
        {
            writes = writes.count(limit, subject, now, |retry_after_s| AuthError::TooManyCodes { retry_after_s });
        }
        writes
            .count(for_everybody(purpose), &sixteenth, now, |retry_after_s| {
                meter::our_fault(
                    "no more codes for this purpose are mailed to anybody in this hour: there were too many",
                );
                AuthError::TooManyCodes { retry_after_s }
            })
            .create(&mail)
            .commit()
            .await?;
        Ok(Accepted(EmailCodeSent { expires_at: code.expires_at, resend_after: code.resend_after }))
    }
}

/// The code that is there says how long it still stands in the way.
fn too_soon(earlier: Option<Item>, now: Timestamp) -> Failure {
    match earlier.map(Item::read::<EmailCode>).transpose() {
        Ok(earlier) => {
            let resend_after = earlier.map_or(now, |code| code.resend_after);
            AuthError::CodeTooSoon { retry_after_s: now.seconds_until(resend_after).max(1) }.into()
        }
        Err(fault) => fault.into(),
    }
}
