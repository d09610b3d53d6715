//! `POST /listings`: offer something for sale.
//!
//! The listing and the stock of each variant are written in one transaction, which also looks that the
//! seller's account is in use, counts the listing, and notes its use on every picture, and so looks that
//! each is the seller's own, ready, and for listings. Prices and stock are what the seller says here;
//! everything else about them (ids, the lowest price, the card of lists) is ours.

use domain::{
    ErrorCode,
    catalog::{CatalogError, ProductDraft, codes, price_from},
    ids::{ListingId, StoreId, VariantId},
    media::MediaPurpose,
    stores::stall_name,
    timestamp::Seconds,
};
use shared::{
    Failure,
    api::{Context, Created, Endpoint, Method, Route, SignedIn, Tools as _, Touch, problem::RequestError},
    random,
    store::{
        Kind,
        limits::Limit,
        listings::{Card, CardStore, Listing as StoredListing, Stock, Variant},
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
            Touch::Get(Kind::USER),
            Touch::Check(Kind::USER),
            Touch::Query(Kind::CATEGORY),
            Touch::Put(Kind::LISTING),
            Touch::Put(Kind::STOCK),
            Touch::Update(Kind::MEDIA),
            Touch::Update(Kind::LIMIT_COUNTER),
        ])
        .body_bytes_max(128 * 1024)
        .idempotent();
    const ERRORS: &'static [ErrorCode] =
        &[codes::CATEGORY_UNKNOWN, codes::LISTING_INVALID, codes::PICTURE_UNUSABLE, codes::TOO_MANY_LISTINGS];

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
        let table = &tools.core().table;
        let seller = table.get_caller(&caller).await?;
        let categories = table.list_categories().await?;
        if !categories.iter().any(|category| category.id == draft.category_id) {
            return Err(CatalogError::CategoryUnknown.into());
        }
        let (listing, stock) = listing_of(draft, &seller, context)?;
        let reply = Created(Listing::new(listing.clone(), &stock));
        let too_many = |retry_after_s| CatalogError::TooManyListings { retry_after_s };
        let mut transaction = table
            .transaction()
            .create_listing(&listing, &stock)
            .check(&User::key(seller.id), User::is_still(&caller))
            .or_else(|_| RequestError::SignInNeeded)
            .count(PER_SELLER, &seller.id.to_string(), context.now, too_many)
            .remember(context.claim.as_ref(), &reply);
        for (index, media) in listing.pictures.iter().enumerate() {
            transaction = transaction
                .use_picture(*media, seller.id, MediaPurpose::Listing, move || CatalogError::PictureUnusable { index });
        }
        transaction.commit().await?;
        Ok(reply)
    }
}

fn listing_of(draft: ProductDraft, seller: &User, context: &Context) -> Result<(StoredListing, Vec<Stock>), Failure> {
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
    let (store_id, store_name) = (StoreId::stall_of(seller.id), stall_name(&seller.nickname, seller.language));
    let card = Card {
        id,
        kind: draft.kind,
        title: draft.title.clone(),
        category_id: draft.category_id.clone(),
        price_from: lowest,
        prices_differ: variants.iter().any(|variant| variant.price != lowest),
        picture: draft.pictures.first().copied(),
        store: Some(CardStore { id: store_id, name: store_name.clone() }),
        seller_nickname: seller.nickname.clone(),
        created_at: now,
    };
    let listing = StoredListing {
        id,
        listing_kind: draft.kind,
        store_id,
        store_name,
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
