//! Payments of orders of before there were checkouts.

use domain::processes::payment::PaymentState;

use super::{
    super::{
        Table,
        orders::{StoredOrder, raced},
    },
    PaidPart, Payment,
};
use crate::fault::{Failure, Fault, FaultKind};

impl Payment {
    /// The payment of an order of before there were checkouts, once the order goes its own way.
    fn of_old(order: &StoredOrder) -> Option<Self> {
        let old = order.old_payment.as_ref()?;
        order.paid_at?;
        Some(Self {
            checkout_id: order.checkout_id,
            buyer: order.buyer,
            language: order.language,
            orders: vec![PaidPart { order_id: order.id, store_id: order.store_id, total: order.total }],
            subtotal: order.subtotal,
            shipping_fee: order.shipping_fee,
            total: order.total,
            provider: old.provider,
            attempt: old.attempt,
            key: old.key.clone(),
            ask_at: None,
            asked: old.asked,
            receipt_url: old.receipt_url.clone(),
            captured: order.total,
            refunded: order.refunded,
            status: PaymentState::Captured,
            entered_at: order.paid_at.unwrap_or(order.entered_at),
            version: 1,
            placed_at: order.placed_at,
            expires_at: order.expires_at,
            held: None,
        })
    }
}

impl Table {
    /// The payment of an order. One of before there were checkouts gets a payment of its own, written down now,
    /// from what the order says of how it was paid.
    ///
    /// # Errors
    /// When the table does not answer.
    pub async fn payment_of(&self, order: &StoredOrder) -> Result<Option<Payment>, Fault> {
        let found = self.get_payment(order.checkout_id).await?;
        let (None, Some(payment)) = (&found, Payment::of_old(order)) else { return Ok(found) };
        match self.transaction().create(&payment).or_else(|_| raced()).commit().await {
            Ok(()) => Ok(Some(payment)),
            Err(Failure::Broken(fault)) if fault.kind != FaultKind::Contention => Err(fault),
            // Somebody else was faster.
            Err(_) => self.get_payment(order.checkout_id).await,
        }
    }
}
