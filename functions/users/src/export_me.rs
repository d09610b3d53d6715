//! `GET /me/export`: everything that we keep about a person, as one file.
//!
//! The file is a JSON document with all parts; pictures come as links that hold for five minutes. A
//! function may answer with six megabytes, so whoever has more than fits gets the rest by
//! `next_cursor`, as further files. No hash, no key and nothing of other people is in it. Mails are
//! not, because they are not kept: once one has left, nobody knows whom it went to.

use domain::{
    ErrorCode, Timestamp,
    auth::Profile,
    timestamp::Seconds,
    users::{UsersError, codes},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Failure, Fault,
    api::{Attachment, Context, Endpoint, Method, Route, SignedIn, Touch, problem},
    secrets::SecretName,
    store::{Index, Kind, limits::Limit, users::User},
};

use crate::{
    UsersTools,
    addresses::{ShownAddress, in_order},
    exported::{ExportedListing, ExportedLogin, ExportedMedia, ExportedOrder, ExportedSession, ExportedStore},
    gathering::{Gathering, Place},
};

/// How often everything may be asked for.
const EXPORTS: Limit = Limit { feature: "exports", most: 3, window: Seconds::days(1) };
/// How many further files of it.
const FURTHER: Limit = Limit { feature: "exports-further", most: 60, window: Seconds::days(1) };

/// See the head of this file.
#[derive(Debug)]
pub struct ExportMe;

/// Which file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportMeRequest {
    /// The `next_cursor` of the file before.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    cursor: Option<String>,
}

/// Everything that we keep about a person.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct Export {
    /// When it was put together.
    exported_at: Timestamp,
    /// What they say of themselves.
    profile: Profile,
    /// Where they have goods sent to.
    addresses: Vec<ShownAddress>,
    /// The devices on which they are signed in.
    sessions: Vec<ExportedSession>,
    /// The accounts elsewhere that they sign in with.
    logins: Vec<ExportedLogin>,
    /// What they uploaded.
    media: Vec<ExportedMedia>,
    /// The stores of which they are a member.
    stores: Vec<ExportedStore>,
    /// What they offer.
    listings: Vec<ExportedListing>,
    /// What they ordered, the newest first.
    orders: Vec<ExportedOrder>,
    /// Asks for the file with the rest; null when this is all, or the last.
    next_cursor: Option<String>,
}

impl Endpoint for ExportMe {
    const ROUTE: Route = Route::new("users.export_me", Method::Get, "/me/export")
        .summary("Gives everything that is kept about a person, as a file.")
        .touches(&[
            Touch::Secret(SecretName::CursorKey),
            Touch::Update(Kind::LIMIT_COUNTER),
            Touch::Get(Kind::USER),
            Touch::Query(Kind::ADDRESS),
            Touch::Query(Kind::SESSION),
            Touch::BatchGet(Kind::LOGIN),
            Touch::QueryIndex(Kind::MEDIA, Index::Gsi3),
            Touch::BatchGet(Kind::MEDIA),
            Touch::ReadOriginal,
            Touch::QueryIndex(Kind::MEMBERSHIP, Index::Gsi3),
            Touch::BatchGet(Kind::MEMBERSHIP),
            Touch::BatchGet(Kind::STORE),
            Touch::QueryIndex(Kind::LISTING, Index::Gsi3),
            Touch::Query(Kind::LISTING),
            Touch::QueryIndex(Kind::ORDER, Index::Gsi1),
            Touch::BatchGet(Kind::ORDER),
            Touch::Query(Kind::POSTING),
        ])
        .memory_mb(256)
        .time_out_s(28);
    const ERRORS: &'static [ErrorCode] = &[codes::TOO_MANY_EXPORTS, problem::codes::CURSOR_INVALID];

    type Tools = UsersTools;
    type Caller = SignedIn;
    type Request = ExportMeRequest;
    type Reply = Attachment<Export>;

    async fn handle(
        tools: &UsersTools,
        caller: SignedIn,
        request: ExportMeRequest,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        let (table, now) = (&tools.core.table, context.now);
        let cursor_key = tools.cursor_key()?;
        let from =
            request.cursor.as_deref().map(|cursor| Place::open(&cursor_key, &caller, cursor, now)).transpose()?;
        let limit = if from.is_some() { FURTHER } else { EXPORTS };
        let book = table.address_book(&caller).await?;
        let counted = table.count(&limit, &caller.user_id.to_string(), now).await?;
        counted.or_else(|retry_after_s| UsersError::TooManyExports { retry_after_s })?;
        let user = book.user.clone();
        let (sessions, logins, stores) =
            tokio::join!(sessions(tools, &user, now), table.logins_of(user.id), table.stores_of(user.id));
        let gathered = Gathering::from(tools, &user, now, from.unwrap_or_default()).await?;
        let body = Export {
            exported_at: now,
            profile: user.into(),
            addresses: in_order(book),
            sessions: sessions?,
            logins: logins?.into_iter().map(ExportedLogin::from).collect(),
            next_cursor: gathered.rest.map(|place| place.seal(&cursor_key, &caller, now)).transpose()?.flatten(),
            stores: stores?.into_iter().map(ExportedStore::from).collect(),
            media: gathered.media,
            listings: gathered.listings,
            orders: gathered.orders,
        };
        let day: String = now.to_string().chars().take(10).collect();
        Ok(Attachment { body, file_name: format!("jangteo-{day}.json") })
    }
}

async fn sessions(tools: &UsersTools, user: &User, now: Timestamp) -> Result<Vec<ExportedSession>, Fault> {
    let sessions = tools.core.table.sessions_of(user.id).await?;
    Ok(sessions.that_hold(user, now).into_iter().map(ExportedSession::from).collect())
}
