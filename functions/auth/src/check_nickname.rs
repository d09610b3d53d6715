//! Tells whether a nickname is free, while somebody fills in the form. Signing up decides.

use domain::{
    auth::{AuthError, codes},
    text::Nickname,
    timestamp::Seconds,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure,
    api::{Anyone, Context, Endpoint, Method, Okay, Route, Touch},
    store::{Kind, limits::Limit},
};

use crate::AuthTools;

/// Enough for who types, too few to read the whole list of names.
const PER_SOURCE: Limit = Limit { feature: "nickname-source", most: 60, window: Seconds::minutes(10) };

/// `GET /auth/nicknames/{nickname}`.
#[derive(Debug)]
pub struct CheckNickname;

/// Which nickname.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckNicknameRequest {
    /// The nickname.
    nickname: Nickname,
}

/// Whether it is free.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct NicknameChecked {
    /// Whether nobody has it at this moment.
    is_free: bool,
}

impl Endpoint for CheckNickname {
    const ROUTE: Route = Route::new("auth.check_nickname", Method::Get, "/auth/nicknames/{nickname}")
        .summary("Tells whether a nickname is free.")
        .touches(&[Touch::Update(Kind::LIMIT_COUNTER), Touch::Get(Kind::NICKNAME_OWNER)]);
    const ERRORS: &'static [domain::ErrorCode] = &[codes::TOO_MANY_REQUESTS];

    type Tools = AuthTools;
    type Caller = Anyone;
    type Request = CheckNicknameRequest;
    type Reply = Okay<NicknameChecked>;

    async fn handle(
        tools: &AuthTools,
        _: Anyone,
        request: CheckNicknameRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let counted = tools.table().count(&PER_SOURCE, &context.source, context.now).await?;
        counted.or_else(|retry_after_s| AuthError::TooManyRequests { retry_after_s })?;
        let is_free = !tools.table().is_nickname_taken(&request.nickname).await?;
        Ok(Okay(NicknameChecked { is_free }))
    }
}
