//! How a person comes to be signed in on a device, whichever way they proved who they are.

use domain::{
    ErrorCode, Timestamp,
    auth::{
        ACCESS_TOKEN_LIFETIME, AccountState, AuthError, Notice, Profile, SESSION_LIFETIME, SessionIn, codes,
        device_label,
    },
    ids::SessionId,
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure, Fault,
    api::{
        Context, Touch,
        cookies::{Cookie, CookieName},
    },
    random,
    secrets::SecretName,
    store::{
        Kind, Transaction, logins::KnownDevice, outbox::OutboxEvent, sessions::Session, signing_in::OwnDevice,
        users::User,
    },
    tokens::{access::Subject, refresh::RefreshToken},
};

use crate::{AuthTools, known_device};

/// For how long after signing up a new device is taken for the one that the person signed up with: no
/// mail about it.
const JUST_SIGNED_UP: Seconds = Seconds::hours(1);

/// What [`begin`] touches.
pub(crate) const BEGIN: &[Touch] = &[
    Touch::Secret(SecretName::AccessTokenKey),
    Touch::Secret(SecretName::ChallengeKey),
    Touch::Put(Kind::SESSION),
    Touch::Check(Kind::USER),
    Touch::Put(Kind::OUTBOX_EVENT),
];

/// How [`may_sign_in`] and [`begin`] refuse.
pub(crate) const REFUSALS: &[ErrorCode] =
    &[codes::ACCOUNT_BANNED, codes::ACCOUNT_WITHDRAWING, codes::BAD_CREDENTIALS, codes::SESSION_ENDED];

/// The answer to a person who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignedIn {
    /// The token, for the `Authorization` header.
    access_token: String,
    /// How the token is used (RFC 6750).
    token_type: TokenType,
    /// For how many seconds the token holds.
    expires_in_s: u32,
    /// The person.
    user: Profile,
    /// What gets the next access token, where it was asked for in the body: else it is in a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// What tells this device from others at the next sign-in, where the refresh token is in the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device_token: Option<String>,
}

/// How a token is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum TokenType {
    /// The token alone is enough (RFC 6750).
    Bearer,
}

/// What a device says of itself.
#[derive(Debug)]
pub(crate) struct Device<'a> {
    /// The session that the device had before, if it is the person's own: signing in again goes on with it.
    pub(crate) own: Option<OwnDevice>,
    pub(crate) user_agent: &'a str,
    pub(crate) session_in: SessionIn,
}

/// Who may sign in at all. A person who withdraws may while they can still change their mind, if they
/// say that they do: [`begin`] undoes it then.
pub(crate) fn may_sign_in(user: &User, cancel_withdrawal: bool, now: Timestamp) -> Result<(), AuthError> {
    match user.state {
        AccountState::Active => Ok(()),
        AccountState::Banned => Err(AuthError::AccountBanned),
        AccountState::Withdrawing if user.erase_at.is_none_or(|erase_at| now < erase_at) => {
            if cancel_withdrawal {
                Ok(())
            } else {
                Err(AuthError::AccountWithdrawing)
            }
        }
        // Nobody is told of what is being erased at this moment.
        AccountState::Withdrawing | AccountState::Erasing => Err(AuthError::BadCredentials),
    }
}

/// The answer to a person who has proved who they are, with the session that it begins. `writes` is
/// what else belongs to it, such as a spent code.
///
/// The caller of this function declares [`BEGIN`].
///
/// The session is begun under the condition that the account is still as it was when the proof was
/// looked at: a ban or another password in between wins.
pub(crate) async fn begin(
    tools: &AuthTools,
    user: User,
    device: Device<'_>,
    context: &Context,
    writes: Transaction<'_>,
) -> Result<(SignedIn, Vec<Cookie>), Failure> {
    let now = context.now;
    let id = match device.own {
        Some(own) => own.session(),
        None => SessionId::new(now, random::entropy()?),
    };
    let (session, token) = Session::begin(&user, id, device_label(device.user_agent), now)?;
    let mut writes = still_theirs(writes.begin_session(&session), &user, now)?;
    if device.own.is_none() && user.created_at.plus(JUST_SIGNED_UP) < now {
        let what = Notice::NewDevice { device: session.device.clone() };
        writes = writes.create(&OutboxEvent::notice(&user, what, now)?);
    }
    writes.commit().await?;
    let known = KnownDevice { user: user.id, session: id, epoch: user.epoch };
    let device_token = known_device::seal(tools, known, now)?;
    let user = User { state: AccountState::Active, erase_at: None, ..user };
    let (mut signed_in, mut cookies) = answer(tools, user, &session, &token, device.session_in, now)?;
    match device.session_in {
        SessionIn::Cookie => cookies.push(known_device::cookie(device_token)),
        SessionIn::Body => signed_in.device_token = Some(device_token),
    }
    Ok((signed_in, cookies))
}

/// The account is still as it was when the proof was looked at. Whoever withdraws and may sign in has
/// changed their mind: the withdrawal is undone with the session that they begin, and they are told.
fn still_theirs<'t>(writes: Transaction<'t>, user: &User, now: Timestamp) -> Result<Transaction<'t>, Fault> {
    if user.state == AccountState::Withdrawing {
        let mail = OutboxEvent::notice(user, Notice::WithdrawalCancelled, now)?;
        return Ok(writes.cancel_withdrawal(user, now).or_else(|_| AuthError::SessionEnded).create(&mail));
    }
    let unchanged = User::is_in_use_since(user.epoch);
    Ok(writes.check(&User::key(user.id), unchanged).or_else(|_| AuthError::SessionEnded))
}

/// The answer with an access token of now and this refresh token.
pub(crate) fn answer(
    tools: &AuthTools,
    user: User,
    session: &Session,
    token: &RefreshToken,
    session_in: SessionIn,
    now: Timestamp,
) -> Result<(SignedIn, Vec<Cookie>), Fault> {
    let subject = Subject { user: user.id, roles: user.roles.clone(), session: session.id, epoch: user.epoch };
    let mut signed_in = SignedIn {
        access_token: tools.signer()?.sign(&subject, now)?,
        token_type: TokenType::Bearer,
        expires_in_s: ACCESS_TOKEN_LIFETIME.0,
        user: user.into(),
        refresh_token: None,
        device_token: None,
    };
    let cookies = match session_in {
        SessionIn::Cookie => {
            let left = now.seconds_until(session.ends_at).min(SESSION_LIFETIME.0);
            vec![Cookie::new(CookieName::Refresh, token.to_text(), left)]
        }
        SessionIn::Body => {
            signed_in.refresh_token = Some(token.to_text());
            Vec::new()
        }
    };
    Ok((signed_in, cookies))
}
