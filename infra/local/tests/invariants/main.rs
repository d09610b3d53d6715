//! The promises P1, P2, P9 and P10: no oversell, no payment without its order, books that balance,
//! no effect lost, under any interleaving, crash or retry.
//!
//! Many buyers at once place orders, pay, come back twice, come back with the wrong sum or with somebody
//! else's payment, and call orders off before and after they are paid. Their stores prepare and ship them, or
//! call them off too. Meanwhile functions are killed between two awaits, the database reports conflicts, the
//! provider moves money and does not say so, events come twice and in another order, and time jumps. Then
//! everything heals, the schedules run until nothing is left to do, and every invariant is checked against
//! what is in the table and at the provider.
//!
//! `JANGTEO_SEEDS` and `JANGTEO_OPERATIONS` ask for more than the 5 × 1,000 of every run.

#![expect(clippy::arithmetic_side_effects, reason = "a test that overflows has failed")]

#[cfg(test)]
mod check;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod world;
