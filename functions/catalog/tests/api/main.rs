//! The endpoints of `catalog` against the real engines.

#[cfg(test)]
mod create_listing;
#[cfg(test)]
mod create_store;
#[cfg(test)]
mod get_listing;
#[cfg(test)]
mod get_store;
#[cfg(test)]
mod leaving_sellers;
#[cfg(test)]
mod list_categories;
#[cfg(test)]
mod list_listings;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod stores;
#[cfg(test)]
mod update_store;
