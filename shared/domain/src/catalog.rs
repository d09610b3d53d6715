//! What is offered: categories, and the rules of a listing for sale.

pub mod category;
pub mod draft;
mod error;

pub use category::{Category, CategoryId, CategoryOverride, effective_categories};
pub use draft::{ListingKind, ProductDraft, ProductOption, VariantDraft, price_from};
pub use error::{CatalogError, ListingProblem, codes};
