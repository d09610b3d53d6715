//! The person signs in, or is asked what is missing for an account.

use domain::auth::{AuthError, CHALLENGE_LIFETIME, LOGIN_COMPLETION_LIFETIME, Notice, SessionIn};
use shared::{
    Failure,
    api::{
        Context, Navigation, SeeOther, WithCookies,
        cookies::{Cookie, CookieName},
    },
    login_providers::Identity,
    store::{
        Transaction,
        logins::{KnownOfLogin, Login, LoginPurpose},
        outbox::OutboxEvent,
        signing_in::SigningIn,
        users::User,
    },
};

use super::{FinishOauthRequest, Opened, identify};
use crate::{
    AuthTools,
    challenge::Challenge,
    oauth::{self, Completion},
    session::{self, Device},
};

pub(super) async fn finish(
    tools: &AuthTools,
    opened: &Opened,
    navigation: &Navigation,
    request: &FinishOauthRequest,
    context: &Context,
) -> Result<WithCookies<SeeOther>, Failure> {
    let identity = identify(tools, opened, request, context).await?;
    let email = identity.verified_email.as_ref();
    let table = tools.table();
    let KnownOfLogin { login, account, .. } =
        table.known_of_login(identity.provider, &identity.subject, email, None).await?;
    let (user_agent, shown) = (&navigation.user_agent, opened.attempt.device);
    match (login, account) {
        (Some(owner), _) => {
            let found = table.signing_in(owner.user_id, shown).await?.ok_or(AuthError::LoginFailed)?;
            if found.user.second_factor {
                return second_factor(tools, opened, &found.user, context);
            }
            enter(tools, opened, found, user_agent, context, table.transaction()).await
        }
        // Both sides have proved the address, so it is one person.
        (None, Some(owner)) => {
            let found = table.signing_in(owner.user_id, shown).await?.ok_or(AuthError::LoginFailed)?;
            if found.user.second_factor {
                // A login would be linked before the second step was made.
                return Err(AuthError::SignInToLink.into());
            }
            let writes = link(table.transaction(), &identity, &found.user, context)?;
            enter(tools, opened, found, user_agent, context, writes).await
        }
        (None, None) => complete(tools, opened, &identity, context),
    }
}

/// Makes the login a way into an account that is there.
fn link<'t>(
    writes: Transaction<'t>,
    identity: &Identity,
    user: &User,
    context: &Context,
) -> Result<Transaction<'t>, Failure> {
    let now = context.now;
    let Identity { provider, subject, verified_email, .. } = identity.clone();
    let login = Login { user_id: user.id, provider, subject, email: verified_email, linked_at: now };
    let what = Notice::LoginLinked { provider: provider.name().to_owned() };
    Ok(writes
        .link_login(&login, || AuthError::LoginTaken, || AuthError::LoginLinkedAlready)
        .create(&OutboxEvent::notice(user, what, now)?))
}

async fn enter(
    tools: &AuthTools,
    opened: &Opened,
    found: SigningIn<()>,
    user_agent: &str,
    context: &Context,
    writes: Transaction<'_>,
) -> Result<WithCookies<SeeOther>, Failure> {
    let SigningIn { user, device, .. } = found;
    session::may_sign_in(&user, cancels(opened), context.now)?;
    let device = Device { own: device, user_agent, session_in: SessionIn::Cookie };
    let (_, mut cookies) = session::begin(tools, user, device, context, writes).await?;
    cookies.push(Cookie::gone(CookieName::Login));
    // The page asks for its access token by the cookie: none stands in an address.
    let address = oauth::page(tools, opened.attempt.return_to.as_str(), '?', &[]);
    Ok(WithCookies { reply: SeeOther(address), cookies })
}

/// Whether they changed their mind about withdrawing.
const fn cancels(opened: &Opened) -> bool {
    matches!(opened.attempt.purpose, LoginPurpose::SignIn { cancel_withdrawal: true })
}

fn second_factor(
    tools: &AuthTools,
    opened: &Opened,
    user: &User,
    context: &Context,
) -> Result<WithCookies<SeeOther>, Failure> {
    let challenge = Challenge::new(user, SessionIn::Cookie, cancels(opened), context.now).seal(tools)?;
    let pairs = [
        ("challenge", challenge.as_str()),
        ("expires_in_s", &CHALLENGE_LIFETIME.0.to_string()),
        ("return_to", opened.attempt.return_to.as_str()),
    ];
    let address = oauth::page(tools, "/sign-in.html", '#', &pairs);
    Ok(WithCookies { reply: SeeOther(address), cookies: vec![Cookie::gone(CookieName::Login)] })
}

fn complete(
    tools: &AuthTools,
    opened: &Opened,
    identity: &Identity,
    context: &Context,
) -> Result<WithCookies<SeeOther>, Failure> {
    let completion = Completion::new(identity, opened.attempt.device, context.now).seal(tools, &opened.secret)?;
    let nickname = oauth::suggested_nickname(identity);
    let mut pairs = vec![
        ("completion", completion.as_str()),
        ("provider", identity.provider.as_str()),
        ("return_to", opened.attempt.return_to.as_str()),
    ];
    pairs.extend(identity.verified_email.as_ref().map(|email| ("email", email.as_str())));
    pairs.extend(nickname.as_ref().map(|nickname| ("nickname", nickname.as_str())));
    let address = oauth::page(tools, "/sign-up.html", '#', &pairs);
    // The completion opens only in the browser that has the secret.
    let cookie = Cookie::new(CookieName::Login, opened.secret.to_text(), LOGIN_COMPLETION_LIFETIME.0);
    Ok(WithCookies { reply: SeeOther(address), cookies: vec![cookie] })
}
