//! Every key of the table, in one file. A key is built from ids and parsed values, never from free
//! text; only the last segment of a partition key may hold what a person typed (an address).

mod due;

use domain::{
    auth::{LoginProvider, LoginSubject},
    catalog::CategoryId,
    ids::{AddressId, EventId, ListingId, MediaId, OrderId, PostingId, SessionId, UserId, VariantId},
    text::Email,
    timestamp::Timestamp,
};

pub use due::{DUE_SHARDS, DueWork, due, due_partition};

/// What an item is. Stored in it as `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Where a person has goods sent to.
    Address,
    /// What happened to an order, by whom.
    AuditRow,
    /// A category that was added or changed.
    Category,
    /// The code that an address was sent last.
    EmailCode,
    /// Whose an address is.
    EmailOwner,
    /// The answer that a request got.
    IdempotencyRecord,
    /// How often something was done in a window of time.
    LimitCounter,
    /// A listing.
    Listing,
    /// An account elsewhere that a person signs in with.
    Login,
    /// A login at a provider that is under way.
    LoginAttempt,
    /// Whose an account elsewhere is.
    LoginOwner,
    /// An uploaded picture.
    Media,
    /// How much a person has uploaded and keeps.
    MediaQuota,
    /// The objects of a picture that was removed, until they are gone.
    MediaRemoval,
    /// Whose a nickname is.
    NicknameOwner,
    /// An order.
    Order,
    /// An effect on its way out.
    OutboxEvent,
    /// The hash of a password.
    Password,
    /// Which order a provider's payment paid.
    PaymentOwner,
    /// A balanced posting of the ledger.
    Posting,
    /// A device on which a person is signed in.
    Session,
    /// How much of a variant there is.
    Stock,
    /// That an address is not to be sent to.
    Suppression,
    /// A person's second factor.
    Totp,
    /// A person.
    User,
}

/// A secondary index. Indexes are for lists; nothing is decided from one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// Lists by a first criterion: listings of a category, orders of a buyer.
    Gsi1,
    /// Lists by a second criterion: all listings.
    Gsi2,
    /// Lists by owner: everything of one kind that a person has, to be shown, exported or erased.
    Gsi3,
    /// What is due, by the moment when it is. Sparse: only what waits for time is in it.
    Due,
}

impl Index {
    /// Every index.
    pub const ALL: [Self; 4] = [Self::Gsi1, Self::Gsi2, Self::Gsi3, Self::Due];

    /// The name of the index.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gsi1 => "gsi1",
            Self::Gsi2 => "gsi2",
            Self::Gsi3 => "gsi3",
            Self::Due => "due",
        }
    }

    /// The attribute that is its partition key.
    #[must_use]
    pub const fn pk(self) -> &'static str {
        match self {
            Self::Gsi1 => "gsi1pk",
            Self::Gsi2 => "gsi2pk",
            Self::Gsi3 => "gsi3pk",
            Self::Due => "duepk",
        }
    }

    /// The attribute that is its sort key.
    #[must_use]
    pub const fn sk(self) -> &'static str {
        match self {
            Self::Gsi1 => "gsi1sk",
            Self::Gsi2 => "gsi2sk",
            Self::Gsi3 => "gsi3sk",
            Self::Due => "duesk",
        }
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 25] = [
        Self::Address,
        Self::AuditRow,
        Self::Category,
        Self::EmailCode,
        Self::EmailOwner,
        Self::IdempotencyRecord,
        Self::LimitCounter,
        Self::Listing,
        Self::Login,
        Self::LoginAttempt,
        Self::LoginOwner,
        Self::Media,
        Self::MediaQuota,
        Self::MediaRemoval,
        Self::NicknameOwner,
        Self::Order,
        Self::OutboxEvent,
        Self::Password,
        Self::PaymentOwner,
        Self::Posting,
        Self::Session,
        Self::Stock,
        Self::Suppression,
        Self::Totp,
        Self::User,
    ];

    /// How it is written in an item.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::AuditRow => "audit_row",
            Self::Category => "category",
            Self::EmailCode => "email_code",
            Self::EmailOwner => "email_owner",
            Self::IdempotencyRecord => "idempotency_record",
            Self::LimitCounter => "limit_counter",
            Self::Listing => "listing",
            Self::Login => "login",
            Self::LoginAttempt => "login_attempt",
            Self::LoginOwner => "login_owner",
            Self::Media => "media",
            Self::MediaQuota => "media_quota",
            Self::MediaRemoval => "media_removal",
            Self::NicknameOwner => "nickname_owner",
            Self::Order => "order",
            Self::OutboxEvent => "outbox_event",
            Self::Password => "password",
            Self::PaymentOwner => "payment_owner",
            Self::Posting => "posting",
            Self::Session => "session",
            Self::Stock => "stock",
            Self::Suppression => "suppression",
            Self::Totp => "totp",
            Self::User => "user",
        }
    }

    /// What its partition keys look like; becomes `dynamodb:LeadingKeys` in the roles.
    #[must_use]
    pub const fn partition_pattern(self) -> &'static str {
        match self {
            Self::Category => "CATEGORIES",
            Self::EmailCode | Self::EmailOwner | Self::Suppression => "EMAIL#*",
            Self::IdempotencyRecord => "ONCE#*",
            Self::LimitCounter => "LIMIT#*",
            Self::Listing | Self::Stock => "LISTING#*",
            Self::Media | Self::MediaRemoval => "MEDIA#*",
            Self::MediaQuota => "QUOTA#*",
            Self::LoginAttempt => "OAUTH#*",
            Self::LoginOwner => "LOGIN#*",
            Self::NicknameOwner => "NICKNAME#*",
            Self::AuditRow | Self::Order | Self::Posting => "ORDER#*",
            Self::OutboxEvent => "OUTBOX#*",
            Self::Address | Self::Login | Self::Password | Self::Session | Self::Totp | Self::User => "USER#*",
            Self::PaymentOwner => "PAYMENT#*",
        }
    }

    /// What its sort keys look like, for the documents.
    #[must_use]
    pub const fn sort_pattern(self) -> &'static str {
        match self {
            Self::Address => "ADDRESS#{address}",
            Self::AuditRow => "AUDIT#{version}",
            Self::Category => "CATEGORY#{category}",
            Self::EmailCode => "CODE#{purpose}",
            Self::EmailOwner | Self::LoginOwner | Self::NicknameOwner | Self::PaymentOwner => "OWNER",
            Self::IdempotencyRecord => "REPLY",
            Self::LimitCounter => "COUNT",
            Self::Listing => "LISTING",
            Self::Media | Self::MediaQuota => "MEDIA",
            Self::MediaRemoval => "REMOVAL",
            Self::Login => "LOGIN#{provider}",
            Self::LoginAttempt => "ATTEMPT",
            Self::Order => "ORDER",
            Self::OutboxEvent => "EVENT",
            Self::Password => "PASSWORD",
            Self::Posting => "POSTING#{posting}",
            Self::Session => "SESSION#{session}",
            Self::Stock => "STOCK#{variant}",
            Self::Suppression => "SUPPRESSED",
            Self::Totp => "TOTP",
            Self::User => "PROFILE",
        }
    }

    /// What its keys in an index look like, where it is in that index.
    #[must_use]
    pub const fn index_pattern(self, index: Index) -> Option<(&'static str, &'static str)> {
        match (self, index) {
            (Self::Listing, Index::Gsi1) => Some(("CATEGORY#*", "{created_at}#{listing}")),
            (Self::Listing, Index::Gsi2) => Some(("LISTINGS", "{created_at}#{listing}")),
            (Self::Listing, Index::Gsi3) => Some(("SELLER#*", "{created_at}#{listing}")),
            (Self::Media, Index::Gsi3) => Some(("OWNER#*", "{created_at}#{media}")),
            (Self::Order, Index::Gsi1) => Some(("BUYER#*", "{placed_at}#{order}")),
            // A kind's own partitions, so that a sweep sees what is due of its kind and no more.
            (Self::Media, Index::Due) => Some(("DUE#GRANTS#*", "{due_at}#{media}")),
            (Self::MediaRemoval, Index::Due) => Some(("DUE#REMOVALS#*", "{due_at}#{media}")),
            (Self::Order, Index::Due) => Some(("DUE#ORDERS#*", "{due_at}#{order}")),
            (Self::OutboxEvent, Index::Due) => Some(("DUE#OUTBOX#*", "{due_at}#{event}")),
            (Self::User, Index::Due) => Some(("DUE#ACCOUNTS#*", "{due_at}#{user}")),
            _ => None,
        }
    }
}

/// The key of one item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// What the item is.
    pub kind: Kind,
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl Key {
    fn new(kind: Kind, pk: String, sk: impl Into<String>) -> Self {
        Self { kind, pk, sk: sk.into() }
    }
}

/// A place in an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexKey {
    /// Which index.
    pub index: Index,
    /// The partition key in it.
    pub pk: String,
    /// The sort key in it.
    pub sk: String,
}

/// The partition of a person: everything that is theirs alone, so that it can be read, and erased,
/// as a whole.
#[must_use]
pub fn user_partition(id: UserId) -> String {
    format!("USER#{id}")
}

/// See [`super::users::User`].
#[must_use]
pub fn user(id: UserId) -> Key {
    Key::new(Kind::User, user_partition(id), "PROFILE")
}

/// See [`super::users::Password`].
#[must_use]
pub fn password(id: UserId) -> Key {
    Key::new(Kind::Password, user_partition(id), "PASSWORD")
}

/// How the sort keys of a person's addresses begin.
pub const ADDRESSES: &str = "ADDRESS#";

/// See [`super::addresses::Address`].
#[must_use]
pub fn address(user: UserId, id: AddressId) -> Key {
    Key::new(Kind::Address, user_partition(user), format!("{ADDRESSES}{id}"))
}

/// See [`super::totp::Totp`].
#[must_use]
pub fn totp(id: UserId) -> Key {
    Key::new(Kind::Totp, user_partition(id), "TOTP")
}

/// How the sort keys of a person's sessions begin.
pub const SESSIONS: &str = "SESSION#";

/// See [`super::sessions::Session`].
#[must_use]
pub fn session(user: UserId, id: SessionId) -> Key {
    Key::new(Kind::Session, user_partition(user), format!("{SESSIONS}{id}"))
}

/// See [`super::logins::Login`].
#[must_use]
pub fn login(user: UserId, provider: LoginProvider) -> Key {
    Key::new(Kind::Login, user_partition(user), format!("LOGIN#{provider}"))
}

/// See [`super::logins::LoginOwner`].
#[must_use]
pub fn login_owner(provider: LoginProvider, subject: &LoginSubject) -> Key {
    Key::new(Kind::LoginOwner, format!("LOGIN#{provider}#{}", subject.as_str()), "OWNER")
}

/// See [`super::logins::LoginAttempt`].
#[must_use]
pub fn login_attempt(state_hash: &str) -> Key {
    Key::new(Kind::LoginAttempt, format!("OAUTH#{state_hash}"), "ATTEMPT")
}

/// See [`super::users::EmailOwner`].
#[must_use]
pub fn email_owner(email: &Email) -> Key {
    Key::new(Kind::EmailOwner, format!("EMAIL#{}", email.as_str()), "OWNER")
}

/// See [`super::users::NicknameOwner`]. The nickname is folded, so that `Mina` and `mina` meet.
#[must_use]
pub fn nickname_owner(folded: &str) -> Key {
    Key::new(Kind::NicknameOwner, format!("NICKNAME#{folded}"), "OWNER")
}

/// See [`super::email_codes::EmailCode`].
#[must_use]
pub fn email_code(email: &Email, purpose: &str) -> Key {
    Key::new(Kind::EmailCode, format!("EMAIL#{}", email.as_str()), format!("CODE#{purpose}"))
}

/// See [`super::suppressions::Suppression`].
#[must_use]
pub fn suppression(email: &Email) -> Key {
    Key::new(Kind::Suppression, format!("EMAIL#{}", email.as_str()), "SUPPRESSED")
}

/// See [`super::limits`].
#[must_use]
pub fn limit_counter(feature: &str, window: i64, subject: &str) -> Key {
    Key::new(Kind::LimitCounter, format!("LIMIT#{feature}#{window}#{subject}"), "COUNT")
}

/// See [`super::idempotency`].
#[must_use]
pub fn idempotency_record(hash: &str) -> Key {
    Key::new(Kind::IdempotencyRecord, format!("ONCE#{hash}"), "REPLY")
}

/// See [`super::outbox::OutboxEvent`].
#[must_use]
pub fn outbox_event(id: EventId) -> Key {
    Key::new(Kind::OutboxEvent, format!("OUTBOX#{id}"), "EVENT")
}

/// See [`super::media::Media`].
#[must_use]
pub fn media(id: MediaId) -> Key {
    Key::new(Kind::Media, format!("MEDIA#{id}"), "MEDIA")
}

/// See [`super::media_removals::MediaRemoval`]. In the partition of the picture: who may remove the one may
/// remember the other.
#[must_use]
pub fn media_removal(id: MediaId) -> Key {
    Key::new(Kind::MediaRemoval, format!("MEDIA#{id}"), "REMOVAL")
}

/// See [`super::media_quotas`].
#[must_use]
pub fn media_quota(owner: UserId) -> Key {
    Key::new(Kind::MediaQuota, format!("QUOTA#{owner}"), "MEDIA")
}

/// The index partition of everything that lists by owner.
#[must_use]
pub fn of_owner(id: UserId) -> String {
    format!("OWNER#{id}")
}

/// The partition of all categories.
pub const CATEGORIES: &str = "CATEGORIES";

/// See [`super::categories`].
#[must_use]
pub fn category(id: &CategoryId) -> Key {
    Key::new(Kind::Category, CATEGORIES.to_owned(), format!("CATEGORY#{}", id.as_str()))
}

/// The partition of a listing: the listing itself and its stock.
#[must_use]
pub fn listing_partition(id: ListingId) -> String {
    format!("LISTING#{id}")
}

/// See [`super::listings::Listing`].
#[must_use]
pub fn listing(id: ListingId) -> Key {
    Key::new(Kind::Listing, listing_partition(id), "LISTING")
}

/// See [`super::listings::Stock`].
#[must_use]
pub fn stock(listing: ListingId, variant: VariantId) -> Key {
    Key::new(Kind::Stock, listing_partition(listing), format!("STOCK#{variant}"))
}

/// The index partition of a category's listings.
#[must_use]
pub fn listings_of_category(id: &CategoryId) -> String {
    format!("CATEGORY#{}", id.as_str())
}

/// The index partition of a seller's listings.
#[must_use]
pub fn listings_of_seller(id: UserId) -> String {
    format!("SELLER#{id}")
}

/// The index partition of all listings.
pub const LISTINGS: &str = "LISTINGS";

/// The sort key of a listing in an index: newest last, and unique.
#[must_use]
pub fn newest(at: Timestamp, id: &str) -> String {
    format!("{at}#{id}")
}

/// The partition of an order: the order, its postings and its audit rows.
#[must_use]
pub fn order_partition(id: OrderId) -> String {
    format!("ORDER#{id}")
}

/// See [`super::orders::OrderItem`].
#[must_use]
pub fn order(id: OrderId) -> Key {
    Key::new(Kind::Order, order_partition(id), "ORDER")
}

/// The index partition of a buyer's orders.
#[must_use]
pub fn orders_of_buyer(id: UserId) -> String {
    format!("BUYER#{id}")
}

/// How the sort keys of an order's postings begin.
pub const POSTINGS: &str = "POSTING#";

/// See [`super::postings`].
#[must_use]
pub fn posting(order: OrderId, id: PostingId) -> Key {
    Key::new(Kind::Posting, order_partition(order), format!("{POSTINGS}{id}"))
}

/// See [`super::audit::AuditRow`]. One row for each version of the order.
#[must_use]
pub fn audit_row(order: OrderId, version: u32) -> Key {
    Key::new(Kind::AuditRow, order_partition(order), format!("AUDIT#{version:010}"))
}

/// See [`super::orders::PaymentOwner`].
#[must_use]
pub fn payment_owner(provider: &str, payment_key: &str) -> Key {
    Key::new(Kind::PaymentOwner, format!("PAYMENT#{provider}#{payment_key}"), "OWNER")
}
