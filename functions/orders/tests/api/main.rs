//! The endpoints of `orders` against the real engines.

#[cfg(test)]
mod carry_out_refunds;
#[cfg(test)]
mod confirm_receipts;
#[cfg(test)]
mod get_order;
#[cfg(test)]
mod list_orders;
#[cfg(test)]
mod list_store_orders;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod transition_order;
#[cfg(test)]
mod transition_store_order;
