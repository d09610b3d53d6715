//! A person who is signed in makes a login another way into their account.

use domain::{
    auth::{AuthError, Notice},
    ids::UserId,
};
use shared::{
    Failure,
    api::{
        Context, SeeOther, WithCookies,
        cookies::{Cookie, CookieName},
    },
    login_providers::Identity,
    store::{
        Entity as _,
        logins::{Login, is_unchanged},
        outbox::OutboxEvent,
    },
};

use super::{FinishOauthRequest, Opened, identify};
use crate::{AuthTools, oauth};

pub(super) async fn finish(
    tools: &AuthTools,
    opened: &Opened,
    user: UserId,
    epoch: u32,
    request: &FinishOauthRequest,
    context: &Context,
) -> Result<WithCookies<SeeOther>, Failure> {
    let now = context.now;
    let identity = identify(tools, opened, request, context).await?;
    let (owner, user) = tools.table().login_owner_and_user(identity.provider, &identity.subject, user).await?;
    let user = user.filter(|user| user.epoch == epoch).ok_or(AuthError::SessionEnded)?;
    match owner {
        // Linked before: there is nothing left to do.
        Some(owner) if owner.user_id == user.id => {}
        Some(_) => return Err(AuthError::LoginTaken.into()),
        None => {
            let Identity { provider, subject, verified_email, .. } = identity;
            let login = Login { user_id: user.id, provider, subject, email: verified_email, linked_at: now };
            let what = Notice::LoginLinked { provider: provider.name().to_owned() };
            tools
                .table()
                .transaction()
                .check(&user.to_key(), is_unchanged(&user))
                .or_else(|_| AuthError::SessionEnded)
                .link_login(&login, || AuthError::LoginTaken, || AuthError::LoginLinkedAlready)
                .create(&OutboxEvent::notice(&user, what, now)?)
                .commit()
                .await?;
        }
    }
    let address = oauth::page(tools, opened.attempt.return_to.as_str(), '?', &[]);
    Ok(WithCookies { reply: SeeOther(address), cookies: vec![Cookie::gone(CookieName::Login)] })
}
