use proptest::prelude::*;

use super::*;
use crate::{ids::Entropy, ledger::balances};

const MOMENT: Timestamp = Timestamp::from_seconds(1_800_000_000);
const TOSS: Account = Account::Provider(PaymentProvider::Toss);

fn won(amount: i64) -> Money {
    Money::new(amount, Currency::Krw).unwrap()
}

fn store() -> StoreId {
    StoreId::new(MOMENT, Entropy([1; 10]))
}

fn posting_id(n: u8) -> PostingId {
    PostingId::new(MOMENT, Entropy([n; 10]))
}

fn order_id(n: u8) -> OrderId {
    OrderId::new(MOMENT, Entropy([n; 10]))
}

fn sale(subtotal: i64, shipping_fee: i64, basis_points: u16) -> Sale {
    Sale {
        order_id: order_id(1),
        store_id: store(),
        provider: PaymentProvider::Toss,
        subtotal: won(subtotal),
        shipping_fee: won(shipping_fee),
        fee: FeePolicy::new(basis_points).unwrap(),
    }
}

fn posted(sale: &Sale) -> Posting {
    sale_posting(posting_id(1), sale, MOMENT).unwrap()
}

fn refund(sale: &Sale, before: i64, amount: i64) -> Result<Posting, LedgerError> {
    refund_posting(posting_id(2), sale, Refund { amount: won(amount), before: won(before), at: MOMENT })
}

fn amounts(posting: &Posting) -> Vec<(Account, i64)> {
    posting.entries().iter().map(|entry| (entry.account, entry.amount)).collect()
}

#[test]
fn a_sale_splits_the_total_over_the_store_and_the_fee_and_the_remainder_is_the_stores() {
    // 10 % of 9,999 is 999.9: the fee is 999, and the rest is the store's.
    let posting = posted(&sale(9_999, 2_000, 1_000));
    let expected =
        [(TOSS, 11_999), (Account::StorePayable(store()), -(9_999 + 2_000 - 999)), (Account::PlatformFees, -999)];
    assert_eq!(amounts(&posting), expected);
    assert_eq!((posting.kind(), posting.order_id(), posting.at()), (PostingKind::Sale, order_id(1), MOMENT));
}

#[test]
fn entries_of_nothing_are_left_out() {
    let free = posted(&sale(1_000, 0, 0));
    assert_eq!(amounts(&free), [(TOSS, 1_000), (Account::StorePayable(store()), -1_000)]);
    let all = posted(&sale(1_000, 0, 10_000));
    assert_eq!(amounts(&all), [(TOSS, 1_000), (Account::PlatformFees, -1_000)]);
}

#[test]
fn a_fee_is_at_most_the_whole_price() {
    assert_eq!(FeePolicy::new(10_001), Err(LedgerError::FeeRange));
    assert_eq!(FeePolicy::new(10_000).unwrap().basis_points(), 10_000);
    assert!(serde_json::from_str::<FeePolicy>("10001").is_err());
    assert_eq!(serde_json::from_str::<FeePolicy>("350").unwrap(), FeePolicy::new(350).unwrap());
    assert_eq!(FeePolicy::NONE.fee_on(won(Money::MAX_AMOUNT)), won(0));
    assert_eq!(FeePolicy::new(10_000).unwrap().fee_on(won(Money::MAX_AMOUNT)), won(Money::MAX_AMOUNT));
}

#[test]
fn a_sale_of_nothing_or_in_two_currencies_is_not_posted() {
    let post = |sale: Sale| sale_posting(posting_id(1), &sale, MOMENT);
    assert_eq!(post(sale(0, 0, 500)), Err(LedgerError::NothingToPost));
    let dollars = Money::new(1_000, Currency::Usd).unwrap();
    assert_eq!(post(Sale { shipping_fee: dollars, ..sale(1_000, 0, 500) }), Err(LedgerError::MixedCurrencies));
}

#[test]
fn a_full_refund_is_the_exact_mirror_of_the_sale() {
    let sale = sale(9_999, 2_000, 1_000);
    let (posting, refund) = (posted(&sale), refund(&sale, 0, 11_999).unwrap());
    let mirrored: Vec<_> = amounts(&posting).into_iter().map(|(account, amount)| (account, -amount)).collect();
    assert_eq!(amounts(&refund), mirrored);
    assert_eq!((refund.kind(), refund.order_id()), (PostingKind::Refund, order_id(1)));
    assert_eq!(balances([&posting, &refund]).len(), 0);
}

#[test]
fn attack_23_three_refunds_of_a_third_leave_no_won_behind() {
    let sale = sale(10_000, 0, 333);
    let refunds =
        [(0, 3_333), (3_333, 3_333), (6_666, 3_334)].map(|(before, part)| refund(&sale, before, part).unwrap());
    assert_eq!(balances(refunds.iter().chain([&posted(&sale)])).len(), 0);
    assert_eq!(refund(&sale, 10_000, 1), Err(LedgerError::RefundTooLarge));
}

#[test]
fn attack_27_more_than_was_paid_is_never_given_back() {
    let sale = sale(10_000, 0, 333);
    assert_eq!(refund(&sale, 0, 10_001), Err(LedgerError::RefundTooLarge));
    assert_eq!(refund(&sale, 5_000, 5_001), Err(LedgerError::RefundTooLarge));
    assert_eq!(refund(&sale, Money::MAX_AMOUNT, 1), Err(LedgerError::RefundTooLarge));
    assert_eq!(refund(&sale, 0, 0), Err(LedgerError::NothingToPost));
}

#[test]
fn attack_16_a_refund_is_in_the_currency_of_its_sale() {
    let dollars = Money::new(100, Currency::Usd).unwrap();
    for refund in [
        Refund { amount: dollars, before: won(0), at: MOMENT },
        Refund { amount: won(100), before: dollars, at: MOMENT },
    ] {
        let posting = refund_posting(posting_id(2), &sale(10_000, 0, 333), refund);
        assert_eq!(posting, Err(LedgerError::MixedCurrencies));
    }
}

proptest! {
    #[test]
    fn every_sale_adds_up_and_nobody_pays_for_selling(
        subtotal in 1_i64..=Money::MAX_AMOUNT / 2,
        shipping in 0_i64..=100_000,
        basis_points in 0_u16..=10_000,
    ) {
        let posting = posted(&sale(subtotal, shipping, basis_points));
        prop_assert_eq!(posting.entries().iter().map(|entry| entry.amount).sum::<i64>(), 0);
        for entry in posting.entries() {
            prop_assert_eq!(entry.amount > 0, entry.account == TOSS, "{:?}", entry);
        }
        let fee = balances([&posting]).get(&(Account::PlatformFees, "KRW")).map_or(0, |fee| -fee);
        let exact = i128::from(subtotal) * i128::from(basis_points);
        prop_assert!(fee * 10_000 <= exact, "the marketplace took more than its part");
        prop_assert!(exact - fee * 10_000 < 10_000);
    }

    /// However a sale is given back, in however many parts: each part balances and moves the right
    /// way, nobody gives back more than they got, and the whole is the exact mirror.
    #[test]
    fn attack_23_any_partial_refunds_that_add_up_mirror_the_sale_exactly(
        subtotal in 1_i64..=Money::MAX_AMOUNT / 2,
        shipping in 0_i64..=100_000,
        basis_points in 0_u16..=10_000,
        cuts in proptest::collection::vec(1_u32..=1_000, 0..12),
    ) {
        let sale = sale(subtotal, shipping, basis_points);
        let (posting, mut left) = (posted(&sale), subtotal + shipping);
        let mut refunds: Vec<Posting> = Vec::new();
        for cut in cuts {
            let part = i64::try_from(i128::from(left) * i128::from(cut) / 1_000).unwrap();
            if part == 0 {
                continue;
            }
            refunds.push(refund(&sale, subtotal + shipping - left, part).unwrap());
            left -= part;
            let after = balances(refunds.iter().chain([&posting]));
            prop_assert_eq!(after.values().sum::<i128>(), 0);
            for ((account, _), amount) in after {
                prop_assert_eq!(amount > 0, account == TOSS, "{} of {:?}", amount, account);
            }
        }
        if left > 0 {
            refunds.push(refund(&sale, subtotal + shipping - left, left).unwrap());
        }
        prop_assert_eq!(balances(refunds.iter().chain([&posting])).len(), 0);
    }
}
