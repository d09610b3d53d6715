//! What holds up a person who wants to withdraw, and their erasure.
//!
//! A contract that is being carried out needs both its sides: a seller needs the address of who paid,
//! a buyer somebody to send the goods and to take them back (GDPR art. 17(3)(b) and (e); for sales in
//! Korea, Act on the Consumer Protection in Electronic Commerce, art. 6 and 17). So what a buyer has
//! begun has to come to its end before they withdraw, and what a seller has sold before they are
//! erased. But nobody's wish is held up for ever by somebody else: what has not moved for
//! [`super::WITHDRAWAL_HELD_UP_FOR`] holds up nobody, and what others buy never keeps a seller from
//! asking, for then a stranger who orders now and then would keep them here.

use super::WITHDRAWAL_HELD_UP_FOR;
use crate::{Timestamp, orders::OrderStatus};

/// What a person has begun and has to see to its end before they withdraw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// The outcome of a payment of theirs is not known yet.
    Payment,
    /// Something that they paid for has not come to its end.
    Purchase,
}

impl Hindrance {
    /// What an order of theirs, in this state since then, means to its buyer.
    #[must_use]
    pub fn of_order(status: OrderStatus, entered_at: Timestamp, now: Timestamp) -> Option<Self> {
        if entered_at.plus(WITHDRAWAL_HELD_UP_FOR) <= now {
            return None;
        }
        match status {
            // Not paid: time ends it within the hour, and nobody owes anything.
            OrderStatus::Pending
            | OrderStatus::Expired
            | OrderStatus::Cancelled
            | OrderStatus::Confirmed
            | OrderStatus::Returned => None,
            OrderStatus::Confirming => Some(Self::Payment),
            OrderStatus::Paid
            | OrderStatus::Preparing
            | OrderStatus::Shipping
            | OrderStatus::Delivered
            | OrderStatus::ReturnRequested
            | OrderStatus::CancelRefunding
            | OrderStatus::ReturnRefunding => Some(Self::Purchase),
        }
    }
}

/// Whether a seller is needed for a thing: some of its pieces are held for buyers who are about to pay,
/// or the last ones were sold so lately.
#[must_use]
pub fn needs_its_seller(held: u32, sold_at: Option<Timestamp>, now: Timestamp) -> bool {
    held > 0 || sold_at.is_some_and(|at| now < at.plus(WITHDRAWAL_HELD_UP_FOR))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{processes::State as _, timestamp::Seconds};

    const THEN: Timestamp = Timestamp::from_seconds(1_795_251_600);

    #[test]
    fn an_order_holds_its_buyer_up_from_the_payment_to_its_end() {
        let holding: Vec<&str> = OrderStatus::ALL
            .iter()
            .filter(|status| Hindrance::of_order(**status, THEN, THEN).is_some())
            .map(|status| status.name())
            .collect();
        assert_eq!(
            holding,
            [
                "confirming",
                "paid",
                "preparing",
                "shipping",
                "delivered",
                "return_requested",
                "cancel_refunding",
                "return_refunding",
            ]
        );
        assert_eq!(Hindrance::of_order(OrderStatus::Confirming, THEN, THEN), Some(Hindrance::Payment));
    }

    #[test]
    fn what_does_not_move_for_thirty_days_holds_up_nobody() {
        let last = THEN.plus(Seconds(30 * 86_400 - 1));
        let over = THEN.plus(Seconds::days(30));
        for status in OrderStatus::ALL {
            assert_eq!(Hindrance::of_order(*status, THEN, over), None, "{status:?}");
        }
        assert_eq!(Hindrance::of_order(OrderStatus::Paid, THEN, last), Some(Hindrance::Purchase));
        assert!(needs_its_seller(0, Some(THEN), last));
        assert!(!needs_its_seller(0, Some(THEN), over));
        assert!(!needs_its_seller(0, None, THEN));
        assert!(needs_its_seller(1, None, THEN));
    }
}
