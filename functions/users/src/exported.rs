//! The parts of an export, as a person gets them: all that they said and did, and nothing that only we
//! use, such as hashes.

use domain::{
    Money, Timestamp,
    auth::LoginProvider,
    catalog::{CategoryId, ListingKind, ProductOption},
    ids::{ListingId, MediaId, PostingId, SessionId, StoreId, VariantId},
    ledger::{Posting, PostingKind},
    media::{MediaPurpose, MediaState, picture_path},
    orders::Order,
    stores::StoreRole,
    text::{Description, Email, ListingTitle, OptionValue, StoreName, StoreStory},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    Fault,
    store::{
        listings::{Listing, Stock},
        logins::Login,
        media::Media,
        orders::StoredOrder,
        sessions::Session,
        stores::{Membership, Store},
    },
    uploads::Uploads,
};

/// A device on which a person is signed in.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExportedSession {
    id: SessionId,
    /// What the device says that it is.
    device: String,
    created_at: Timestamp,
    /// When it last asked for an access token.
    last_used_at: Timestamp,
    /// When it ends, however much it is used.
    ends_at: Timestamp,
}

impl From<Session> for ExportedSession {
    fn from(session: Session) -> Self {
        Self {
            id: session.id,
            device: session.device,
            created_at: session.created_at,
            last_used_at: session.rotated_at,
            ends_at: session.ends_at,
        }
    }
}

/// An account elsewhere that a person signs in with.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExportedLogin {
    provider: LoginProvider,
    /// What the person is called there.
    subject: String,
    /// The address that the provider vouched for when it was linked.
    email: Option<Email>,
    linked_at: Timestamp,
}

impl From<Login> for ExportedLogin {
    fn from(login: Login) -> Self {
        Self {
            provider: login.provider,
            subject: login.subject.as_str().to_owned(),
            email: login.email,
            linked_at: login.linked_at,
        }
    }
}

/// An upload.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExportedMedia {
    id: MediaId,
    purpose: MediaPurpose,
    state: MediaState,
    created_at: Timestamp,
    /// Where its pictures are on the site, the smallest first.
    pictures: Vec<String>,
    /// Where the file can be fetched as it was uploaded, for five minutes.
    original: Option<String>,
}

impl ExportedMedia {
    pub(crate) async fn new(media: Media, uploads: &Uploads, now: Timestamp) -> Result<Self, Fault> {
        let (state, _) = media.standing(now);
        let is_ready = state == MediaState::Ready;
        let sizes = if is_ready { media.purpose.rules().sizes } else { &[] };
        let original = match media.original_bytes {
            Some(_) if is_ready => Some(uploads.original_url(media.id, media.declared_type).await?),
            _ => None,
        };
        Ok(Self {
            id: media.id,
            purpose: media.purpose,
            state,
            created_at: media.created_at,
            pictures: sizes.iter().map(|size| format!("/{}", picture_path(media.id, *size))).collect(),
            original,
        })
    }
}

/// A listing with its stock.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExportedListing {
    id: ListingId,
    kind: ListingKind,
    category_id: CategoryId,
    title: ListingTitle,
    description: Description,
    options: Vec<ProductOption>,
    variants: Vec<ExportedVariant>,
    pictures: Vec<MediaId>,
    created_at: Timestamp,
}

/// A choice of a listing.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExportedVariant {
    id: VariantId,
    option_values: Vec<OptionValue>,
    price: Money,
    /// How many pieces can be bought.
    available: u32,
    /// How many are held for buyers who have not paid yet.
    held: u32,
    /// How many were sold.
    sold: u32,
}

impl ExportedListing {
    pub(crate) fn new(listing: Listing, stock: &[Stock]) -> Self {
        let variants = listing.variants.into_iter().map(|variant| {
            let pieces = stock.iter().find(|stock| stock.variant_id == variant.id);
            let count = |of: fn(&Stock) -> u32| pieces.map_or(0, of);
            ExportedVariant {
                id: variant.id,
                option_values: variant.option_values,
                price: variant.price,
                available: count(|stock| stock.available),
                held: count(|stock| stock.held),
                sold: count(|stock| stock.sold),
            }
        });
        Self {
            variants: variants.collect(),
            id: listing.id,
            kind: listing.listing_kind,
            category_id: listing.category_id,
            title: listing.title,
            description: listing.description,
            options: listing.options,
            pictures: listing.pictures,
            created_at: listing.created_at,
        }
    }
}

/// An order with what it moved in the books.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExportedOrder {
    /// The order, as its page shows it.
    order: Order,
    /// What was paid and what was given back, the oldest first.
    postings: Vec<ExportedPosting>,
}

/// Money that moved. How it was split between sellers and the market is theirs to know.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExportedPosting {
    id: PostingId,
    kind: ExportedPostingKind,
    at: Timestamp,
    /// In minor units of the order's currency.
    amount: i64,
}

/// What moved the money.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportedPostingKind {
    /// The order was paid.
    Sale,
    /// Some or all of it was given back.
    Refund,
}

impl ExportedOrder {
    pub(crate) fn new(order: &StoredOrder, postings: &[Posting], now: Timestamp) -> Self {
        let postings = postings.iter().map(|posting| ExportedPosting {
            id: posting.id(),
            kind: match posting.kind() {
                PostingKind::Sale => ExportedPostingKind::Sale,
                PostingKind::Refund => ExportedPostingKind::Refund,
            },
            at: posting.at(),
            amount: posting.entries().iter().map(|entry| entry.amount).filter(|amount| *amount > 0).sum(),
        });
        Self { order: order.shown_to_buyer(now), postings: postings.collect() }
    }
}

/// A store, and what the person is to it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ExportedStore {
    id: StoreId,
    name: StoreName,
    story: Option<StoreStory>,
    role: StoreRole,
    /// Since when they are a member.
    since: Timestamp,
}

impl From<(Store, Membership)> for ExportedStore {
    fn from((store, membership): (Store, Membership)) -> Self {
        Self { id: store.id, name: store.name, story: store.story, role: membership.role, since: membership.since }
    }
}
