//! `POST /listings`: offer something for sale.
//!
//! The listing and the stock of each variant are written in one transaction, which also looks that the
//! seller's account is in use and that they are a member of the store, counts the listing, and notes its
//! use on every picture, and so looks that each is the seller's own, ready, and for listings. A seller who
//! names no store lists in their stall, and their first listing makes it. Prices and stock are what the
//! seller says here; everything else about them (ids, the lowest price, the card of lists) is ours.

use domain::{
    ErrorCode, Language,
    catalog::{CatalogError, ProductDraft, codes, price_from},
    ids::{ListingId, StoreId, VariantId},
    media::MediaPurpose,
    stores::{numbered_stall_name, stall_name},
    text::{Nickname, StoreName},
    timestamp::Seconds,
};
use shared::{
    Failure, Fault, FaultKind,
    api::{Context, Created, Endpoint, Method, Route, SignedIn, Tools as _, Touch, problem::RequestError},
    random,
    store::{
        Kind,
        limits::Limit,
        listings::{Card, CardStore, Listing as StoredListing, Stock, Variant},
        stores::{ListingStore, Store},
        users::User,
    },
};

use crate::{CatalogTools, Listing};

/// How many listings somebody makes: more than a shop puts up in a day, few enough that one account does
/// not bury the others' listings, or fill the table.
const PER_SELLER: Limit = Limit { feature: "listings-seller", most: 200, window: Seconds::days(1) };

/// The endpoint.
#[derive(Debug)]
pub struct CreateListing;

impl Endpoint for CreateListing {
    const ROUTE: Route = Route::new("catalog.create_listing", Method::Post, "/listings")
        .summary("Offer something for sale")
        .touches(&[
            Touch::Query(Kind::CATEGORY),
            Touch::BatchGet(Kind::USER),
            Touch::BatchGet(Kind::MEMBERSHIP),
            Touch::BatchGet(Kind::STORE),
            Touch::Check(Kind::USER),
            Touch::Check(Kind::MEMBERSHIP),
            Touch::Put(Kind::STORE),
            Touch::Put(Kind::MEMBERSHIP),
            Touch::Put(Kind::STORE_NAME_OWNER),
            Touch::Put(Kind::LISTING),
            Touch::Put(Kind::STOCK),
            Touch::Update(Kind::MEDIA),
            Touch::Update(Kind::LIMIT_COUNTER),
        ])
        .body_bytes_max(128 * 1024)
        .idempotent();
    const ERRORS: &'static [ErrorCode] = &[
        codes::CATEGORY_UNKNOWN,
        codes::LISTING_INVALID,
        codes::PICTURE_UNUSABLE,
        codes::STORE_UNKNOWN,
        codes::TOO_MANY_LISTINGS,
    ];

    type Tools = CatalogTools;
    type Caller = SignedIn;
    type Request = ProductDraft;
    type Reply = Created<Listing>;

    async fn handle(
        tools: &CatalogTools,
        caller: SignedIn,
        draft: ProductDraft,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {
        draft.check()?;
        let categories = tools.core().table.list_categories().await?;
        if !categories.iter().any(|category| category.id == draft.category_id) {
            return Err(CatalogError::CategoryUnknown.into());
        }
        // Twice at most: the stall is there by then, or its second name is nobody's.
        match list(tools, &caller, &draft, context, stall_name).await {
            Err(Failure::Broken(fault)) if fault.kind == FaultKind::Contention => {
                let [a, b, c, d] = random::bytes()?;
                let numbered = |keeper: &Nickname, _| numbered_stall_name(keeper, u32::from_be_bytes([a, b, c, d]));
                list(tools, &caller, &draft, context, numbered).await
            }
            outcome => outcome,
        }
    }
}

/// Writes the listing, and the stall where this is the seller's first.
async fn list(
    tools: &CatalogTools,
    caller: &SignedIn,
    draft: &ProductDraft,
    context: &Context,
    name_of_stall: impl Fn(&Nickname, Language) -> StoreName,
) -> Result<Created<Listing>, Failure> {
    let (table, now) = (&tools.core().table, context.now);
    let (seller, place) = table.listing_store(caller, draft.store_id, now).await?;
    let mut place = place.ok_or(CatalogError::StoreUnknown)?;
    if let ListingStore::NewStall(stall) = &mut place {
        stall.name = name_of_stall(&seller.nickname, seller.language);
    }
    let (listing, stock) = listing_of(draft.clone(), &seller, place.store(), context)?;
    let reply = Created(Listing::new(listing.clone(), &stock));
    let too_many = |retry_after_s| CatalogError::TooManyListings { retry_after_s };
    let mut writes = table
        .transaction()
        .create_listing(&listing, &stock)
        .check(&User::key(seller.id), User::is_still(caller))
        .or_else(|_| RequestError::SignInNeeded)
        .count(PER_SELLER, &seller.id.to_string(), now, too_many)
        .remember(context.claim.as_ref(), &reply);
    writes = match &place {
        ListingStore::NewStall(stall) => writes.open_store(stall, || Fault::new(FaultKind::Contention, "name a stall")),
        // Nobody loses their own stall.
        ListingStore::There(store, _) if store.id == StoreId::stall_of(seller.id) => writes,
        ListingStore::There(store, role) => {
            writes.check_membership(store.id, seller.id, *role, || CatalogError::StoreUnknown)
        }
    };
    for (index, media) in listing.pictures.iter().enumerate() {
        writes = writes
            .use_picture(*media, seller.id, MediaPurpose::Listing, move || CatalogError::PictureUnusable { index });
    }
    writes.commit().await?;
    Ok(reply)
}

fn listing_of(
    draft: ProductDraft,
    seller: &User,
    store: &Store,
    context: &Context,
) -> Result<(StoredListing, Vec<Stock>), Failure> {
    let now = context.now;
    let id = ListingId::new(now, random::entropy()?);
    let mut variants = Vec::with_capacity(draft.variants.len());
    let mut stock = Vec::with_capacity(draft.variants.len());
    for variant in draft.variants {
        let variant_id = VariantId::new(now, random::entropy()?);
        stock.push(Stock { listing_id: id, variant_id, available: variant.stock, held: 0, sold: 0, sold_at: None });
        variants.push(Variant { id: variant_id, option_values: variant.option_values, price: variant.price });
    }
    let lowest =
        price_from(variants.iter().map(|variant| variant.price)).unwrap_or_else(|| domain::Money::zero(draft.currency));
    let card = Card {
        id,
        kind: draft.kind,
        title: draft.title.clone(),
        category_id: draft.category_id.clone(),
        price_from: lowest,
        prices_differ: variants.iter().any(|variant| variant.price != lowest),
        picture: draft.pictures.first().copied(),
        store: Some(CardStore { id: store.id, name: store.name.clone() }),
        seller_nickname: seller.nickname.clone(),
        created_at: now,
    };
    let listing = StoredListing {
        id,
        listing_kind: draft.kind,
        store_id: store.id,
        store_name: store.name.clone(),
        seller_id: seller.id,
        seller_nickname: seller.nickname.clone(),
        category_id: draft.category_id,
        title: draft.title,
        description: draft.description,
        options: draft.options,
        variants,
        pictures: draft.pictures,
        price_from: lowest,
        created_at: now,
        closed: false,
        card,
    };
    Ok((listing, stock))
}
