//! Makes an account for a person whom a provider has named and whom we do not know, or links the
//! login to an account whose address they prove; and signs them in.
//!
//! The word of the provider comes back sealed and only from the browser that it was given to. Doing
//! this twice is harmless without a key: the second time the login has an owner, who signs in. So no
//! token is ever stored with a remembered answer.
//!
//! An address that the provider does not vouch for needs a code, whether for a new account
//! (`sign_up`) or for one that is there (`confirm`). Whoever reads its mail could set another password
//! as well, and linking is told in a mail as that is. An account with a second factor is entered in the
//! usual way first: mail is not enough for that, here or there.

use domain::{
    FieldCode, Language,
    auth::{AuthError, CodePurpose, Notice, SessionIn, TokenText, codes},
    ids::UserId,
    text::Nickname,
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{
        Browser, Context, Endpoint, Method, OkayOrAccepted, Route, Touch, WithCookies,
        cookies::{Cookie, CookieName},
        problem::RequestError,
    },
    codes, random,
    secrets::SecretName,
    store::{Kind, Transaction, logins::KnownOfLogin, outbox::OutboxEvent, signing_in::SigningIn, users::User},
    tokens::{email_code::EmailProof, login_secret::LoginSecret},
    touches,
};

use crate::{
    AuthTools,
    challenge::Challenge,
    known_device,
    oauth::Completion,
    session::{self, Device},
    sign_in::SignInAnswer,
};

/// `POST /auth/oauth/complete`.
#[derive(Debug)]
pub struct CompleteOauth;

/// What a provider does not know: a nickname for a new account, or which account it is.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteOauthRequest {
    /// What `GET /auth/oauth/{provider}/callback` gave to the page.
    completion: TokenText,
    /// What others see of them, for a new account.
    #[serde(default)]
    nickname: Option<Nickname>,
    /// The language for mails to them; that of `Accept-Language` when it is not there.
    #[serde(default)]
    language: Option<Language>,
    /// The proof of an address (purpose `sign_up`), for a new account. Needed where the provider
    /// vouches for none.
    #[serde(default)]
    email_proof: Option<TokenText>,
    /// The proof of the address (purpose `confirm`) of an account that is there, to link the login to.
    #[serde(default)]
    account_proof: Option<TokenText>,
    /// Where the refresh token goes; a cookie unless told otherwise.
    #[serde(default)]
    session_in: SessionIn,
}

impl Endpoint for CompleteOauth {
    const ROUTE: Route = Route::new("auth.complete_oauth", Method::Post, "/auth/oauth/complete")
        .summary("Makes an account for a login that has none, or links it to one, and signs in.")
        .touches(touches![
            session::BEGIN,
            &[
                Touch::Secret(SecretName::EmailCodeKey),
                Touch::BatchGet(Kind::LOGIN_OWNER),
                Touch::BatchGet(Kind::EMAIL_OWNER),
                Touch::BatchGet(Kind::SUPPRESSION),
                Touch::BatchGet(Kind::USER),
                Touch::BatchGet(Kind::SESSION),
                Touch::Delete(Kind::EMAIL_CODE),
                Touch::Put(Kind::USER),
                Touch::Put(Kind::EMAIL_OWNER),
                Touch::Put(Kind::NICKNAME_OWNER),
                Touch::Put(Kind::LOGIN_OWNER),
                Touch::Put(Kind::LOGIN),
            ],
        ]);
    const ERRORS: &'static [domain::ErrorCode] = codes![
        session::REFUSALS,
        &[
            codes::COMPLETION_INVALID,
            codes::EMAIL_PROOF_INVALID,
            codes::EMAIL_TAKEN,
            codes::NICKNAME_TAKEN,
            codes::LOGIN_LINKED_ALREADY,
            codes::SIGN_IN_TO_LINK
        ],
    ];

    type Tools = AuthTools;
    type Caller = Browser;
    type Request = CompleteOauthRequest;
    type Reply = WithCookies<OkayOrAccepted<SignInAnswer>>;

    async fn handle(
        tools: &AuthTools,
        browser: Browser,
        request: CompleteOauthRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let secret = browser.login.as_deref().and_then(LoginSecret::parse).ok_or(AuthError::CompletionInvalid)?;
        let completion = Completion::open(tools, &secret, request.completion.as_str(), context.now)?;
        let completion = completion.ok_or(AuthError::CompletionInvalid)?;
        let account = proved(tools, request.account_proof.as_ref(), CodePurpose::Confirm, context)?;
        let table = tools.table();
        let email = account.as_ref().map(|proof| &proof.email);
        // An address that a code has proved was reached a moment ago; what a provider vouches for may bounce.
        let vouched_for = completion.email.as_ref().filter(|_| account.is_none() && request.email_proof.is_none());
        let KnownOfLogin { login, account: address, suppression } =
            table.known_of_login(completion.provider, &completion.subject, email, vouched_for).await?;
        let shown = known_device::open(tools, browser.device.as_deref(), context.now)?.or(completion.device);
        if let Some(owner) = login {
            let found = table.signing_in(owner.user_id, shown).await?.ok_or(AuthError::CompletionInvalid)?;
            return enter(tools, found, &request, &browser, context, table.transaction()).await;
        }
        let Some(proof) = account else {
            let undeliverable = suppression.is_some_and(|known| known.for_ever.is_some());
            let user = make(tools, &completion, &request, undeliverable, context).await?;
            let found = SigningIn { user, device: None, proof: () };
            return enter(tools, found, &request, &browser, context, table.transaction()).await;
        };
        let owner = address.ok_or(AuthError::EmailProofInvalid)?;
        let found = table.signing_in(owner.user_id, shown).await?.ok_or(AuthError::EmailProofInvalid)?;
        if found.user.second_factor {
            return Err(AuthError::SignInToLink.into());
        }
        let what = Notice::LoginLinked { provider: completion.provider.name().to_owned() };
        let writes = table
            .transaction()
            // Somebody else completes the same login at this moment: the next try finds its owner.
            .link_login(
                &completion.login_of(found.user.id, context.now),
                || AuthError::CompletionInvalid,
                || AuthError::LoginLinkedAlready,
            )
            .use_proof(&proof, CodePurpose::Confirm)
            .create(&OutboxEvent::notice(&found.user, what, context.now)?);
        enter(tools, found, &request, &browser, context, writes).await
    }
}

/// The proof of an address, where there is one.
fn proved(
    tools: &AuthTools,
    proof: Option<&TokenText>,
    purpose: CodePurpose,
    context: &Context,
) -> Result<Option<EmailProof>, Failure> {
    let Some(proof) = proof else { return Ok(None) };
    let proof = EmailProof::open(&tools.email_code_key()?, purpose, proof.as_str(), context.now);
    Ok(Some(proof.ok_or(AuthError::EmailProofInvalid)?))
}

/// Makes the account: person, address, nickname and login in one transaction.
async fn make(
    tools: &AuthTools,
    completion: &Completion,
    request: &CompleteOauthRequest,
    email_undeliverable: bool,
    context: &Context,
) -> Result<User, Failure> {
    let now = context.now;
    let typed = proved(tools, request.email_proof.as_ref(), CodePurpose::SignUp, context)?;
    let email =
        typed.map(|proof| proof.email).or_else(|| completion.email.clone()).ok_or(AuthError::EmailProofInvalid)?;
    let nickname = request.nickname.clone().ok_or_else(|| {
        RequestError::of_field(
            "/nickname",
            FieldCode::Required,
            "is needed for a new account",
            "새 계정에는 닉네임이 필요합니다",
        )
    })?;
    let language = request.language.unwrap_or(context.language);
    let user = User::new(UserId::new(now, random::entropy()?), email, nickname, language, now);
    let user = User { email_undeliverable, ..user };
    tools
        .table()
        .transaction()
        .link_login(
            &completion.login_of(user.id, now),
            || AuthError::CompletionInvalid,
            || AuthError::LoginLinkedAlready,
        )
        .create_user_without_password(&user, || AuthError::EmailTaken, || AuthError::NicknameTaken)
        .create(&OutboxEvent::notice(&user, Notice::Welcome, now)?)
        .commit()
        .await?;
    Ok(user)
}

async fn enter(
    tools: &AuthTools,
    found: SigningIn<()>,
    request: &CompleteOauthRequest,
    browser: &Browser,
    context: &Context,
    writes: Transaction<'_>,
) -> Result<WithCookies<OkayOrAccepted<SignInAnswer>>, Failure> {
    let SigningIn { user, device, .. } = found;
    if user.second_factor {
        let challenge = Challenge::new(&user, request.session_in, false, context.now);
        return Ok(SignInAnswer::second_factor(tools, &challenge)?);
    }
    session::may_sign_in(&user, false, context.now)?;
    let device = Device { own: device, user_agent: &browser.user_agent, session_in: request.session_in };
    let (signed_in, mut cookies) = session::begin(tools, user, device, context, writes).await?;
    cookies.push(Cookie::gone(CookieName::Login));
    Ok(WithCookies { reply: OkayOrAccepted::Okay(SignInAnswer::SignedIn(Box::new(signed_in))), cookies })
}
