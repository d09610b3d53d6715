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
    meter, random,
    secrets::SecretName,
    store::{
        Item, Kind,
        email_codes::EmailCode,
        limits::{GrowingLimit, Limit},
        outbox::{Effect, OutboxEvent},
    },
    tokens::email_code,
};

use crate::AuthTools;

/// How many codes for one purpose are mailed. Anybody can ask for codes to any address, so each purpose has
/// shares of its own: whoever asks for codes to sign up keeps nobody from setting a forgotten password or
/// from confirming what they do.
///
/// Of one purpose, an address has a share for each network that asks. In all it has the first ten of a day, and
/// then one whenever the code before it is over. So a stranger cannot keep its owner from a code, from however
/// many networks they ask: whoever is refused has a code in their mailbox that still holds.
struct Shares {
    per_address_network_and_hour: Limit,
    per_address_network_and_day: Limit,
    per_address: GrowingLimit,
    per_network_and_hour: Limit,
    /// Whoever has many addresses and many networks still cannot spend our good name with SES: at most 2,000
    /// codes an hour in all (a new account at SES has some 50,000 mails a day), one sixteenth of them for each
    /// sixteenth of the addresses. One counter for everybody would be written by everybody at once.
    for_everybody: Limit,
}

const fn per_hour(feature: &'static str, most: u32) -> Limit {
    Limit { feature, most, window: Seconds::hours(1) }
}

const fn per_day(feature: &'static str, most: u32) -> Limit {
    Limit { feature, most, window: Seconds::days(1) }
}

const fn per_address(feature: &'static str) -> GrowingLimit {
    GrowingLimit { feature, free: 10, waits: &[CODE_LIFETIME], window: Seconds::days(1) }
}

const SIGN_UP: Shares = Shares {
    per_address_network_and_hour: per_hour("codes-sign-up-address-hour", 5),
    per_address_network_and_day: per_day("codes-sign-up-address-day", 10),
    per_address: per_address("codes-sign-up-address"),
    per_network_and_hour: per_hour("codes-sign-up-network-hour", 20),
    for_everybody: per_hour("codes-everybody-sign-up", 70),
};

const RESET: Shares = Shares {
    per_address_network_and_hour: per_hour("codes-reset-address-hour", 5),
    per_address_network_and_day: per_day("codes-reset-address-day", 10),
    per_address: per_address("codes-reset-address"),
    per_network_and_hour: per_hour("codes-reset-network-hour", 20),
    for_everybody: per_hour("codes-everybody-reset", 35),
};

const CONFIRM: Shares = Shares {
    per_address_network_and_hour: per_hour("codes-confirm-address-hour", 5),
    per_address_network_and_day: per_day("codes-confirm-address-day", 10),
    per_address: per_address("codes-confirm-address"),
    per_network_and_hour: per_hour("codes-confirm-network-hour", 20),
    for_everybody: per_hour("codes-everybody-confirm", 20),
};

const fn shares(purpose: CodePurpose) -> &'static Shares {
    match purpose {
        CodePurpose::SignUp => &SIGN_UP,
        CodePurpose::PasswordReset => &RESET,
        CodePurpose::Confirm => &CONFIRM,
    }
}

const _: () =
    assert!(16 * (SIGN_UP.for_everybody.most + RESET.for_everybody.most + CONFIRM.for_everybody.most) == 2_000);

/// `POST /auth/email-codes`.
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
        let from_network = format!("{address}#{network}");
        let sixteenth = address.get(..1).unwrap_or_default().to_owned();
        let mut writes = tools
            .table()
            .transaction()
            .put(&code, EmailCode::may_replace(now))
            .or_else(move |earlier| too_soon(earlier, now));
        let shares = shares(purpose);
        for (limit, subject) in [
            (shares.per_address_network_and_hour, &from_network),
            (shares.per_address_network_and_day, &from_network),
            (shares.per_network_and_hour, &network),
        ] {
            writes = writes.count(limit, subject, now, |retry_after_s| AuthError::TooManyCodes { retry_after_s });
        }
        writes
            .count_growing(shares.per_address, &address, now, |retry_after_s| AuthError::CodeTooSoon { retry_after_s })
            .count(shares.for_everybody, &sixteenth, now, |retry_after_s| {
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
