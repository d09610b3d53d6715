//! The endpoints and jobs of `checkout` against the real engines.

#[cfg(test)]
mod confirm_payment;
#[cfg(test)]
mod create_checkout;
#[cfg(test)]
mod expire_holds;
#[cfg(test)]
mod get_checkout;
#[cfg(test)]
mod holding;
#[cfg(test)]
mod reconcile_payments;
#[cfg(test)]
mod steps;
#[cfg(test)]
mod toss_webhook;
