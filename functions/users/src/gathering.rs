//! What an export gathers page by page, until a file is full: uploads, then listings, then orders.

use domain::Timestamp;
use serde::Serialize;
use shared::{
    Fault, FaultKind,
    api::{SignedIn, problem::RequestError},
    store::{
        Index, Kind,
        cursor::{List, Position},
        item::Attributes,
        table::{place_of, readable},
        users::User,
    },
    tokens::seal::SealKey,
};

use crate::{
    ExportMe, UsersTools,
    exported::{ExportedListing, ExportedMedia, ExportedOrder},
};

/// What the parts may have together, in bytes of JSON. A function answers with six megabytes at most;
/// one more part, and what every file has, are small beside what is left.
const BYTES_MAX: usize = 4_000_000;

/// How many listings and orders a file has at most: each costs a call.
const PARTS_MAX: u32 = 300;

/// How many orders are read at once.
const ORDERS_READ: u32 = 100;

/// What is gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Media,
    Listings,
    Orders,
}

impl Stage {
    const ALL: [Self; 3] = [Self::Media, Self::Listings, Self::Orders];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Media => "media",
            Self::Listings => "listings",
            Self::Orders => "orders",
        }
    }

    const fn index(self) -> Index {
        match self {
            Self::Media | Self::Listings => Index::Gsi3,
            Self::Orders => Index::Gsi1,
        }
    }
}

/// Where a file begins.
#[derive(Debug, Default)]
pub(crate) struct Place {
    stage: Stage,
    behind: Option<Position>,
}

impl Place {
    fn list<'a>(stage: Stage, principal: &'a str) -> List<'a> {
        use shared::api::Endpoint as _;
        List { operation: ExportMe::ROUTE.id, principal, filters: stage.as_str() }
    }

    pub(crate) fn open(key: &SealKey, caller: &SignedIn, cursor: &str, now: Timestamp) -> Result<Self, RequestError> {
        let principal = caller.user_id.to_string();
        Stage::ALL
            .into_iter()
            .find_map(|stage| {
                let position = Self::list(stage, &principal).position(key, cursor.trim(), now).ok()?;
                Some(Self { stage, behind: Some(position) })
            })
            .ok_or(RequestError::CursorInvalid)
    }

    pub(crate) fn seal(self, key: &SealKey, caller: &SignedIn, now: Timestamp) -> Result<Option<String>, Fault> {
        let principal = caller.user_id.to_string();
        let list = Self::list(self.stage, &principal);
        self.behind.map(|position| list.cursor(key, &position, now)).transpose()
    }
}

/// What was gathered for one file.
#[derive(Debug, Default)]
pub(crate) struct Gathering {
    pub(crate) media: Vec<ExportedMedia>,
    pub(crate) listings: Vec<ExportedListing>,
    pub(crate) orders: Vec<ExportedOrder>,
    /// Where the next file begins, when this one is full.
    pub(crate) rest: Option<Place>,
    bytes: usize,
    parts: u32,
}

impl Gathering {
    pub(crate) async fn from(tools: &UsersTools, user: &User, now: Timestamp, from: Place) -> Result<Self, Fault> {
        let mut gathering = Self::default();
        let mut behind = from.behind;
        for stage in Stage::ALL.into_iter().skip_while(|stage| *stage != from.stage) {
            let begins = behind.take();
            let key = |kind| begins.as_ref().and_then(|position| position.key_in(kind, stage.index(), user.id));
            match stage {
                Stage::Media => gathering.media(tools, user, now, key(Kind::MEDIA)).await?,
                Stage::Listings => gathering.listings(tools, user, key(Kind::LISTING)).await?,
                Stage::Orders => gathering.orders(tools, user, now, begins).await?,
            }
            if gathering.rest.is_some() {
                break;
            }
        }
        Ok(gathering)
    }

    /// Notes a part that was put in. Whether the file is full now: then the next one begins behind it.
    fn is_full<P: Serialize>(
        &mut self,
        part: &P,
        stage: Stage,
        behind: impl FnOnce() -> Option<Position>,
    ) -> Result<bool, Fault> {
        let json = serde_json::to_vec(part)
            .map_err(|error| Fault::new(FaultKind::Corrupt, "write a part of an export").with_source(error))?;
        self.bytes = self.bytes.saturating_add(json.len());
        if stage != Stage::Media {
            self.parts = self.parts.saturating_add(1);
        }
        let is_full = self.bytes >= BYTES_MAX || self.parts >= PARTS_MAX;
        if is_full {
            self.rest = Some(Place { stage, behind: behind() });
        }
        Ok(is_full)
    }

    async fn media(
        &mut self,
        tools: &UsersTools,
        user: &User,
        now: Timestamp,
        after: Option<Attributes>,
    ) -> Result<(), Fault> {
        let (table, uploads) = (&tools.core.table, tools.uploads());
        let mut after = after;
        loop {
            let page = table.media_of(user.id, after).await?;
            let mut all = if page.ids.is_empty() { Vec::new() } else { table.get_all_media(&page.ids).await? };
            all.sort_by_key(|media| (media.created_at, media.id));
            for media in all {
                let behind = place_of(&media, Stage::Media.index());
                let part = ExportedMedia::new(media, &uploads, now).await?;
                let is_full = self.is_full(&part, Stage::Media, || behind)?;
                self.media.push(part);
                if is_full {
                    return Ok(());
                }
            }
            match page.last_key {
                Some(last_key) => after = Some(last_key),
                None => return Ok(()),
            }
        }
    }

    async fn listings(&mut self, tools: &UsersTools, user: &User, after: Option<Attributes>) -> Result<(), Fault> {
        let table = &tools.core.table;
        let mut after = after;
        loop {
            let page = table.listings_of(user.id, after).await?;
            for id in page.ids {
                let found = readable(id, table.get_listing_to_close(id).await)?;
                let Some((Some(listing), stock)) = found else { continue };
                let behind = place_of(&listing, Stage::Listings.index());
                let part = ExportedListing::new(listing, &stock);
                let is_full = self.is_full(&part, Stage::Listings, || behind)?;
                self.listings.push(part);
                if is_full {
                    return Ok(());
                }
            }
            match page.last_key {
                Some(last_key) => after = Some(last_key),
                None => return Ok(()),
            }
        }
    }

    async fn orders(
        &mut self,
        tools: &UsersTools,
        user: &User,
        now: Timestamp,
        behind: Option<Position>,
    ) -> Result<(), Fault> {
        let table = &tools.core.table;
        let mut behind = behind;
        loop {
            let page = table.list_orders_of_buyer(user.id, None, ORDERS_READ, behind.as_ref()).await?;
            for order in page.items {
                let read = table.list_postings(order.id).await;
                let Some(postings) = readable(order.id, read)? else { continue };
                let part = ExportedOrder::new(&order, &postings, now);
                let is_full = self.is_full(&part, Stage::Orders, || place_of(&order, Stage::Orders.index()))?;
                self.orders.push(part);
                if is_full {
                    return Ok(());
                }
            }
            behind = page.end;
            if behind.is_none() {
                return Ok(());
            }
        }
    }
}
