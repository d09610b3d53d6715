//! Pricing orders.
