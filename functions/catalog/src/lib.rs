//! The `catalog` service: categories, stores and listings.

pub mod create_listing;
pub mod create_store;
pub mod get_listing;
pub mod get_store;
pub mod list_categories;
pub mod list_listings;
mod shown;
mod shown_store;
pub mod update_store;

use domain::media::PICTURE_SIZES;
use shared::{
    Fault,
    api::{Core, Service, Tools},
};
pub use shown::{Listing, ListingCard, ListingStatus, Picture, ShownVariant};
pub use shown_store::ShownStore;

/// Everything that this service may touch.
#[derive(Debug)]
pub struct CatalogTools {
    core: Core,
}

impl Tools for CatalogTools {
    fn start(core: Core) -> Result<Self, Fault> {
        Ok(Self { core })
    }

    fn core(&self) -> &Core {
        &self.core
    }
}

/// The service's table of contents.
pub const SERVICE: Service<CatalogTools> = Service {
    name: "catalog",
    endpoints: &[
        &list_categories::ListCategories,
        &create_listing::CreateListing,
        &list_listings::ListListings,
        &get_listing::GetListing,
        &create_store::CreateStore,
        &get_store::GetStore,
        &update_store::UpdateStore,
    ],
    jobs: &[],
};

/// Where a picture of this size is on the site.
fn picture_url(media: domain::ids::MediaId, size: u32) -> String {
    format!("/{}", shared::uploads::Uploads::picture_key(media, size))
}

const SMALL: u32 = PICTURE_SIZES[0];
const MEDIUM: u32 = PICTURE_SIZES[1];
const LARGE: u32 = PICTURE_SIZES[2];
