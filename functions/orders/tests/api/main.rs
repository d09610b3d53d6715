//! The endpoints of `orders` against the real engines.

#[cfg(test)]
mod get_order;
#[cfg(test)]
mod steps;
