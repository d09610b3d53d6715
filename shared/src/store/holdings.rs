//! What is held without being paid, counted for each holder: see [`domain::checkout::holding`].
//!
//! | entity | pk | sk | why |
//! |---|---|---|---|
//! | Holdings | `HOLDER#{holder}` | `ALL` | all pieces, and how often in a row they were not paid |
//! | HoldingsOfVariant | `HOLDER#{holder}` | `VARIANT#{variant}` | the pieces of one variant |
//!
//! Both change in the transaction that places, pays or ends a checkout, so the counts are exact. They are
//! swept two days after the last of these: nothing is held for so long without being asked about.

use domain::{
    Timestamp,
    checkout::{
        CheckoutError,
        holding::{HoldEnd, HoldingRule},
    },
    ids::{UserId, VariantId},
    timestamp::Seconds,
};
use serde::{Deserialize, Serialize};

use super::{
    Item, Key, Kind, Transaction,
    expression::{Change, Condition},
};
use crate::fault::{Failure, Fault, FaultKind};

const KEPT_FOR: Seconds = Seconds::days(2);

/// All that a holder holds.
#[derive(Debug)]
pub enum Holdings {}

/// What a holder holds of one variant.
#[derive(Debug)]
pub enum HoldingsOfVariant {}

impl Kind {
    /// See [`Holdings`].
    pub const HOLDINGS: Self = Self::new("holdings", "HOLDER#*", "ALL");
    /// See [`HoldingsOfVariant`].
    pub const HOLDINGS_OF_VARIANT: Self = Self::new("holdings_of_variant", "HOLDER#*", "VARIANT#{variant}");
}

impl Holdings {
    /// The key of what a holder holds.
    #[must_use]
    pub fn key(holder: &str) -> Key<Self> {
        Key::new(Kind::HOLDINGS, holder, "")
    }
}

impl HoldingsOfVariant {
    /// The key of what a holder holds of a variant.
    #[must_use]
    pub fn key(holder: &str, variant: VariantId) -> Key<Self> {
        Key::new(Kind::HOLDINGS_OF_VARIANT, holder, variant)
    }
}

/// What a checkout is about to hold, and for whom.
#[derive(Debug, Clone)]
pub struct Holding {
    /// The holder's name in keys.
    pub holder: String,
    /// What they may hold.
    pub rule: HoldingRule,
    /// The pieces of each variant.
    pub lines: Vec<HeldLine>,
}

/// The pieces of one variant that a checkout is about to hold.
#[derive(Debug, Clone, Copy)]
pub struct HeldLine {
    /// The variant.
    pub variant_id: VariantId,
    /// How many pieces.
    pub pieces: u32,
    /// How many of the variant the holder may hold in all.
    pub most: u32,
    /// The place of the line in the request, counted from 0, for error pointers.
    pub position: usize,
}

impl Holding {
    /// What a member holds.
    #[must_use]
    pub fn of_member(member: UserId, lines: Vec<HeldLine>) -> Self {
        Self { holder: member.to_string(), rule: HoldingRule::MEMBER, lines }
    }

    /// What the guests of a network address hold.
    #[must_use]
    pub fn of_source(source: &str, lines: Vec<HeldLine>) -> Self {
        Self { holder: format!("source:{source}"), rule: HoldingRule::SOURCE, lines }
    }

    /// What the payment keeps of it, to count it no more when its time comes.
    #[must_use]
    pub fn held(&self) -> Held {
        let lines = self.lines.iter();
        let pieces = lines.map(|line| HeldPieces { variant_id: line.variant_id, pieces: line.pieces }).collect();
        Held { holder: self.holder.clone(), pieces }
    }

    fn sum(&self) -> u32 {
        self.lines.iter().fold(0, |sum, line| sum.saturating_add(line.pieces))
    }
}

/// For whom a checkout counts as held, and how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The holder's name in keys.
    pub holder: String,
    /// The pieces of each variant.
    pub pieces: Vec<HeldPieces>,
}

/// The pieces of one variant that a checkout holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldPieces {
    /// The variant.
    pub variant_id: VariantId,
    /// How many pieces.
    pub pieces: u32,
}

/// What every write of these items sets: they are made by their first change.
fn usual(kind: Kind, now: Timestamp) -> [Change; 3] {
    [
        Change::Set("kind", kind.as_str().into()),
        Change::Set("v", 1_i64.into()),
        Change::Set("ttl", now.plus(KEPT_FOR).seconds().into()),
    ]
}

/// So many pieces more are at most so many in all. Nobody may hold more pieces than that at once either.
fn has_room(pieces: u32, most: u32) -> Condition {
    match most.checked_sub(pieces) {
        Some(room) => Condition::Any(vec![Condition::Lacks("pieces"), Condition::AtMost("pieces", room.into())]),
        // No count is below 0, and an item that lacks one lacks its kind.
        None => Condition::All(vec![Condition::Present, Condition::Absent]),
    }
}

/// The last order that was not paid is long enough ago, by how many they were in a row.
fn has_waited(rule: HoldingRule, now: Timestamp) -> Condition {
    let mut branches = vec![Condition::Lacks("lapses"), Condition::Below("lapses", rule.free_lapses.into())];
    let longest = HoldingRule::WAITS.len().saturating_sub(1);
    for ((place, wait), lapses) in HoldingRule::WAITS.iter().enumerate().zip(rule.free_lapses..) {
        let is_over = Condition::AtMost("lapsed_at", now.minus(*wait).into());
        branches.push(if place == longest {
            is_over
        } else {
            Condition::All(vec![Condition::AtMost("lapses", lapses.into()), is_over])
        });
    }
    Condition::Any(branches)
}

/// What it means that a holder may not hold more.
fn refusal(rule: HoldingRule, pieces: u32, item: Option<&Item>, now: Timestamp) -> Failure {
    let number = |name| item.and_then(|item| item.number(name)).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
    if number("pieces").saturating_add(pieces) > rule.pieces {
        return CheckoutError::TooMuchHeld { line: None, most: rule.pieces }.into();
    }
    let lapsed_at = item.and_then(|item| item.text("lapsed_at")).and_then(|text| Timestamp::parse(text).ok());
    let next = lapsed_at.unwrap_or(now).plus(rule.wait_after(number("lapses")));
    CheckoutError::UnpaidTooOften { retry_after_s: now.seconds_until(next).max(1) }.into()
}

impl Transaction<'_> {
    /// Counts what a checkout holds from now on. Refused when its holder would hold too much, or has to
    /// wait.
    #[must_use]
    pub(super) fn count_held(mut self, holding: &Holding, now: Timestamp) -> Self {
        let (rule, sum) = (holding.rule, holding.sum());
        let mut changes = vec![Change::Add("pieces", sum.into())];
        changes.extend(usual(Kind::HOLDINGS, now));
        let allowed = Condition::All(vec![has_room(sum, rule.pieces), has_waited(rule, now)]);
        self = self
            .update(&Holdings::key(&holding.holder), changes, allowed)
            .or_else(move |item| refusal(rule, sum, item.as_ref(), now));
        for line in &holding.lines {
            let (position, most) = (line.position, line.most);
            let mut changes = vec![Change::Add("pieces", line.pieces.into())];
            changes.extend(usual(Kind::HOLDINGS_OF_VARIANT, now));
            self = self
                .update(&HoldingsOfVariant::key(&holding.holder, line.variant_id), changes, has_room(line.pieces, most))
                .or_else(move |_| CheckoutError::TooMuchHeld { line: Some(position), most });
        }
        self
    }

    /// Counts what a checkout held no more.
    #[must_use]
    pub(super) fn release_held(mut self, held: &Held, end: HoldEnd, now: Timestamp) -> Self {
        // Whoever was swept away meanwhile holds nothing that counts.
        let there = |pieces: u32| Condition::Any(vec![Condition::Absent, Condition::AtLeast("pieces", pieces.into())]);
        let wrong = |_| Fault::new(FaultKind::Corrupt, "a checkout holds more than is counted");
        let sum = held.pieces.iter().fold(0_u32, |sum, part| sum.saturating_add(part.pieces));
        let mut changes = vec![Change::Add("pieces", i64::from(sum).saturating_neg())];
        match end {
            HoldEnd::Paid => changes.push(Change::Set("lapses", 0_u32.into())),
            HoldEnd::Unpaid => changes.extend([Change::Add("lapses", 1), Change::Set("lapsed_at", now.into())]),
            HoldEnd::TakenAway => {}
        }
        changes.extend(usual(Kind::HOLDINGS, now));
        self = self.update(&Holdings::key(&held.holder), changes, there(sum)).or_else(wrong);
        for part in &held.pieces {
            let mut changes = vec![Change::Add("pieces", i64::from(part.pieces).saturating_neg())];
            changes.extend(usual(Kind::HOLDINGS_OF_VARIANT, now));
            let key = HoldingsOfVariant::key(&held.holder, part.variant_id);
            self = self.update(&key, changes, there(part.pieces)).or_else(wrong);
        }
        self
    }
}
