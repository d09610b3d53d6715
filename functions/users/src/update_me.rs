//! `PATCH /me`: a person changes what they say of themselves.
//!
//! What is left out stays as it is. A nickname is taken and the one before given back in the
//! transaction that changes the person, so it always has one owner, and whoever asks for what they
//! have already changes nothing and spends none of the day's changes. A picture is looked at in that
//! transaction too, and counted as shown, so that nobody removes it meanwhile. Address, roles and everything
//! else that the market decides are no fields of this request, and a field that is none is refused.

use domain::{
    ErrorCode, FieldCode, Language,
    auth::{self, AuthError, Profile},
    ids::MediaId,
    media::MediaPurpose,
    text::Nickname,
    timestamp::Seconds,
    users::{UsersError, codes},
};
use schemars::JsonSchema;
use serde::Deserialize;
use shared::{
    Failure,
    api::{Context, Endpoint, Method, Okay, Route, SignedIn, Touch, problem::RequestError, request::present},
    store::{
        Kind, Transaction,
        expression::{Change, Condition, Value},
        limits::Limit,
        users::User,
    },
};

use crate::UsersTools;

/// Whoever has seen a name once shall find it again a day later.
const NICKNAMES: Limit = Limit { feature: "nicknames", most: 3, window: Seconds::days(1) };

/// See the head of this file.
#[derive(Debug)]
pub struct UpdateMe;

/// What shall be otherwise; at least one field.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "examples" = [{ "nickname": "mina", "language": "ko" }]))]
pub struct UpdateMeRequest {
    /// What others see of them. May be changed three times a day.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Nickname")]
    nickname: Option<Nickname>,
    /// The language for mails to them.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Language")]
    language: Option<Language>,
    /// The picture beside their name: an upload of theirs for `profile`, ready; null for none.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Option<MediaId>")]
    picture: Option<Option<MediaId>>,
}

impl UpdateMeRequest {
    fn check(&self) -> Result<(), RequestError> {
        if self.nickname.is_some() || self.language.is_some() || self.picture.is_some() {
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

impl Endpoint for UpdateMe {
    const ROUTE: Route = Route::new("users.update_me", Method::Patch, "/me")
        .summary("Changes what a person says of themselves.")
        .touches(&[
            Touch::Get(Kind::USER),
            Touch::Update(Kind::USER),
            Touch::Put(Kind::NICKNAME_OWNER),
            Touch::Delete(Kind::NICKNAME_OWNER),
            Touch::Update(Kind::MEDIA),
            Touch::Update(Kind::LIMIT_COUNTER),
        ]);
    const ERRORS: &'static [ErrorCode] =
        &[auth::codes::NICKNAME_TAKEN, codes::TOO_MANY_NICKNAMES, codes::PICTURE_UNUSABLE];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = UpdateMeRequest;
    type Reply = Okay<Profile>;

    async fn handle(
        tools: &UsersTools,
        caller: SignedIn,
        request: UpdateMeRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        request.check()?;
        let before = tools.core.table.get_caller(&caller).await?;
        let mut after = before.clone();
        after.nickname = request.nickname.unwrap_or(after.nickname);
        after.language = request.language.unwrap_or(after.language);
        after.picture = request.picture.unwrap_or(after.picture);
        if after != before {
            write(tools, &caller, &before, &after, context)?.commit().await?;
        }
        Ok(Okay(after.into()))
    }
}

/// The writes that make the one person of the other.
fn write<'t>(
    tools: &'t UsersTools,
    caller: &SignedIn,
    before: &User,
    after: &User,
    context: &Context,
) -> Result<Transaction<'t>, Failure> {
    let mut writes = tools.core.table.transaction();
    let mut changes = Vec::new();
    let mut as_read = vec![User::is_still(caller)];
    if after.language != before.language {
        changes.push(Change::Set("language", Value::written(&after.language)?));
    }
    if after.nickname != before.nickname {
        changes.push(Change::Set("nickname", after.nickname.as_str().into()));
        as_read.push(Condition::Is("nickname", before.nickname.as_str().into()));
        let person = caller.user_id.to_string();
        writes = writes.move_nickname(before, &after.nickname, || AuthError::NicknameTaken).count(
            NICKNAMES,
            &person,
            context.now,
            |retry_after_s| UsersError::TooManyNicknames { retry_after_s },
        );
    }
    if after.picture != before.picture {
        changes.push(match after.picture {
            Some(picture) => Change::Set("picture", picture.to_string().into()),
            None => Change::Remove("picture"),
        });
        // What it was decides which upload is no longer shown.
        as_read.push(match before.picture {
            Some(picture) => Condition::Is("picture", picture.to_string().into()),
            None => Condition::Lacks("picture"),
        });
        writes = after.picture.iter().fold(writes, |writes, picture| {
            writes.use_picture(*picture, before.id, MediaPurpose::Profile, || UsersError::PictureUnusable)
        });
        writes = before.picture.iter().fold(writes, |writes, picture| writes.release_picture(*picture));
    }
    let caller = caller.clone();
    Ok(writes
        .update(&User::key(before.id), changes, Condition::All(as_read))
        .or_else(move |person| User::changed_for(&caller, person)))
}
