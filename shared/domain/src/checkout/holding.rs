//! How much may be held without being paid.
//!
//! An order holds its pieces for 15 minutes, paid or not. So that nobody can hold a shop for nothing, what
//! is held is counted for each holder: a member, or the network address of guests.
//!
//! - A member holds at most 100 pieces at a time, all guests of one address together at most 300: phones
//!   of one mobile carrier share an address.
//! - Of one variant a holder holds at most half of what there is, but 10 pieces in any case.
//! - Three times in a row a member may let an order end unpaid, the guests of an address five times. After
//!   that each further time is followed by a wait before the next order: 15 and 30 minutes, then 1, 2,
//!   4 and 6 hours. A payment begins the count anew. An order that its buyer calls off counts too: else
//!   whoever calls it off after 14 minutes and places it again would hold the pieces for ever.

use crate::timestamp::Seconds;

/// How pieces come to be held no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldEnd {
    /// They were paid: the count of unpaid orders begins anew.
    Paid,
    /// Their buyer did not pay in time, or called the order off.
    Unpaid,
    /// Somebody else called the order off.
    TakenAway,
}

/// What a kind of holder may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldingRule {
    /// The most pieces at a time.
    pub pieces: u32,
    /// How many orders in a row may end unpaid before there is a wait.
    pub free_lapses: u32,
}

impl HoldingRule {
    /// A member.
    pub const MEMBER: Self = Self { pieces: 100, free_lapses: 3 };
    /// The guests of one network address.
    pub const SOURCE: Self = Self { pieces: 300, free_lapses: 5 };

    /// The waits after the last free lapse and each one after it; the last one stays.
    pub const WAITS: [Seconds; 6] = [
        Seconds::minutes(15),
        Seconds::minutes(30),
        Seconds::hours(1),
        Seconds::hours(2),
        Seconds::hours(4),
        Seconds::hours(6),
    ];

    /// The wait after so many lapses in a row.
    #[must_use]
    pub fn wait_after(self, lapses: u32) -> Seconds {
        let Some(place) = lapses.checked_sub(self.free_lapses) else { return Seconds(0) };
        let [.., longest] = Self::WAITS;
        Self::WAITS.get(place as usize).copied().unwrap_or(longest)
    }
}

/// How many pieces of any variant a holder may hold, however few there are.
pub const ALWAYS_OF_VARIANT: u32 = 10;

/// How many pieces of a variant a holder may hold at a time, when so many are available or held.
#[must_use]
pub fn most_of_variant(there: u32) -> u32 {
    (there / 2).max(ALWAYS_OF_VARIANT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_variant_half_may_be_held_and_ten_in_any_case() {
        for (there, most) in [(0, 10), (1, 10), (20, 10), (21, 10), (22, 11), (99, 49), (u32::MAX, u32::MAX / 2)] {
            assert_eq!(most_of_variant(there), most, "{there}");
        }
    }

    #[test]
    fn the_waits_of_whoever_does_not_pay_grow_from_15_minutes_to_six_hours() {
        let minutes = |rule: HoldingRule| (0..=10).map(|lapses| rule.wait_after(lapses).0 / 60).collect::<Vec<_>>();
        assert_eq!(minutes(HoldingRule::MEMBER), [0, 0, 0, 15, 30, 60, 120, 240, 360, 360, 360]);
        assert_eq!(minutes(HoldingRule::SOURCE), [0, 0, 0, 0, 0, 15, 30, 60, 120, 240, 360]);
        assert_eq!(HoldingRule::MEMBER.wait_after(u32::MAX), Seconds::hours(6));
    }
}
