use proptest::prelude::*;

use super::*;
use crate::{ids::Entropy, ledger::balances};

const MOMENT: Timestamp = Timestamp::from_seconds(1_800_000_000);
const TOSS: Account = Account::Provider(PaymentProvider::Toss);

fn won(amount: i64) -> Money {
    Money::new(amount, Currency::Krw).unwrap()
}

fn seller(n: u8) -> UserId {
    UserId::new(MOMENT, Entropy([n; 10]))
}

fn share(n: u8, subtotal: i64, shipping: i64) -> SellerShare {
    SellerShare { seller_id: seller(n), subtotal: won(subtotal), shipping_share: won(shipping) }
}

fn posting_id(n: u8) -> PostingId {
    PostingId::new(MOMENT, Entropy([n; 10]))
}

fn order_id(n: u8) -> OrderId {
    OrderId::new(MOMENT, Entropy([n; 10]))
}

fn total_of(sellers: &[SellerShare]) -> Money {
    let parts = sellers.iter().flat_map(|share| [share.subtotal, share.shipping_share]);
    Money::sum(Currency::Krw, parts).unwrap()
}

fn sale<'a>(sellers: &'a [SellerShare]) -> Sale<'a> {
    let provider = PaymentProvider::Toss;
    Sale { order_id: order_id(1), provider, at: MOMENT, total: total_of(sellers), sellers }
}

fn posted(sellers: &[SellerShare], basis_points: u16) -> Posting {
    sale_posting(posting_id(1), &sale(sellers), FeePolicy::new(basis_points).unwrap()).unwrap()
}

fn refund(of: &Posting, earlier: &[Posting], amount: i64) -> Result<Posting, LedgerError> {
    refund_posting(posting_id(2), of, earlier, Refund { amount: won(amount), at: MOMENT })
}

fn amounts(posting: &Posting) -> Vec<(Account, i64)> {
    posting.entries().iter().map(|entry| (entry.account, entry.amount)).collect()
}

#[test]
fn a_sale_splits_the_total_over_sellers_and_fees_and_the_remainder_is_the_sellers() {
    // 10 % of 9,999 is 999.9: the fee is 999, and the rest is the seller's.
    let posting = posted(&[share(1, 9_999, 2_000), share(2, 5_000, 1_000)], 1_000);
    let expected = [
        (TOSS, 17_999),
        (Account::SellerPayable(seller(1)), -(9_999 + 2_000 - 999)),
        (Account::SellerPayable(seller(2)), -(5_000 + 1_000 - 500)),
        (Account::PlatformFees, -1_499),
    ];
    assert_eq!(amounts(&posting), expected);
    assert_eq!((posting.kind(), posting.order_id(), posting.at()), (PostingKind::Sale, order_id(1), MOMENT));
}

#[test]
fn entries_of_nothing_are_left_out() {
    let free = posted(&[share(1, 1_000, 0)], 0);
    assert_eq!(amounts(&free), [(TOSS, 1_000), (Account::SellerPayable(seller(1)), -1_000)]);
    let all = posted(&[share(1, 1_000, 0)], 10_000);
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
fn a_sale_that_does_not_add_up_is_not_posted() {
    let sellers = [share(1, 1_000, 0)];
    let post = |sale: Sale<'_>| sale_posting(posting_id(1), &sale, FeePolicy::NONE);
    assert_eq!(post(Sale { total: won(999), ..sale(&sellers) }), Err(LedgerError::Unbalanced));
    assert_eq!(post(Sale { total: won(0), ..sale(&sellers) }), Err(LedgerError::NothingToPost));
    let dollars = Money::new(1_000, Currency::Usd).unwrap();
    assert_eq!(post(Sale { total: dollars, ..sale(&sellers) }), Err(LedgerError::MixedCurrencies));
}

#[test]
fn a_full_refund_is_the_exact_mirror_of_the_sale() {
    let sale = posted(&[share(1, 9_999, 2_000), share(2, 5_000, 1_000)], 1_000);
    let refund = refund(&sale, &[], 17_999).unwrap();
    let mirrored: Vec<_> = amounts(&sale).into_iter().map(|(account, amount)| (account, -amount)).collect();
    assert_eq!(amounts(&refund), mirrored);
    assert_eq!((refund.kind(), refund.order_id()), (PostingKind::Refund, order_id(1)));
    assert_eq!(balances([&sale, &refund]).len(), 0);
}

#[test]
fn attack_23_three_refunds_of_a_third_leave_no_won_behind() {
    let sale = posted(&[share(1, 10_000, 0)], 333);
    let mut refunds = Vec::new();
    for amount in [3_333, 3_333, 3_334] {
        refunds.push(refund(&sale, &refunds, amount).unwrap());
    }
    assert_eq!(balances(refunds.iter().chain([&sale])).len(), 0);
    assert_eq!(refund(&sale, &refunds, 1), Err(LedgerError::RefundTooLarge));
}

#[test]
fn attack_27_more_than_was_paid_is_never_given_back() {
    let sale = posted(&[share(1, 10_000, 0)], 333);
    assert_eq!(refund(&sale, &[], 10_001), Err(LedgerError::RefundTooLarge));
    let half = refund(&sale, &[], 5_000).unwrap();
    assert_eq!(refund(&sale, &[half], 5_001), Err(LedgerError::RefundTooLarge));
    assert_eq!(refund(&sale, &[], 0), Err(LedgerError::NothingToPost));
}

#[test]
fn a_refund_belongs_to_its_sale_and_its_currency() {
    let sale = posted(&[share(1, 10_000, 0)], 333);
    let part = refund(&sale, &[], 100).unwrap();
    assert_eq!(refund(&part, &[], 100), Err(LedgerError::NotThisSale));
    assert_eq!(refund(&sale, std::slice::from_ref(&sale), 100), Err(LedgerError::NotThisSale));
    let entries = part.entries().to_vec();
    let of_another = Posting::new(posting_id(3), order_id(9), PostingKind::Refund, MOMENT, entries).unwrap();
    assert_eq!(refund(&sale, &[of_another], 100), Err(LedgerError::NotThisSale));
    let dollars = Refund { amount: Money::new(100, Currency::Usd).unwrap(), at: MOMENT };
    assert_eq!(refund_posting(posting_id(2), &sale, &[], dollars), Err(LedgerError::MixedCurrencies));
}

fn any_sellers() -> impl Strategy<Value = Vec<SellerShare>> {
    // Numbers from a small range, so that a seller may appear twice.
    proptest::collection::vec((0_u8..30, 1_i64..=9_900_000_000, 0_i64..=100_000), 1..=20)
        .prop_map(|shares| shares.into_iter().map(|(n, subtotal, shipping)| share(n, subtotal, shipping)).collect())
}

proptest! {
    #[test]
    fn every_sale_adds_up_and_nobody_pays_for_selling(sellers in any_sellers(), basis_points in 0_u16..=10_000) {
        let posting = posted(&sellers, basis_points);
        prop_assert_eq!(posting.entries().iter().map(|entry| entry.amount).sum::<i64>(), 0);
        for entry in posting.entries() {
            let is_provider = entry.account == TOSS;
            prop_assert_eq!(entry.amount > 0, is_provider, "{:?}", entry);
        }
        let goods: i128 = sellers.iter().map(|share| i128::from(share.subtotal.amount)).sum();
        let fees: i128 = -posting
            .entries()
            .iter()
            .filter(|entry| entry.account == Account::PlatformFees)
            .map(|entry| i128::from(entry.amount))
            .sum::<i128>();
        let exact = goods * i128::from(basis_points);
        prop_assert!(fees * 10_000 <= exact, "the marketplace took more than its part");
        prop_assert!(exact - fees * 10_000 < 10_000 * i128::try_from(sellers.len()).unwrap());
    }

    /// However a sale is given back, in however many parts: each part balances and moves the right
    /// way, nobody gives back more than they got, and the whole is the exact mirror.
    #[test]
    fn attack_23_any_partial_refunds_that_add_up_mirror_the_sale_exactly(
        sellers in any_sellers(),
        basis_points in 0_u16..=10_000,
        cuts in proptest::collection::vec(1_u32..=1_000, 0..12),
    ) {
        let sale = posted(&sellers, basis_points);
        let mut left = total_of(&sellers).amount;
        let mut refunds: Vec<Posting> = Vec::new();
        for cut in cuts {
            let part = left * i64::from(cut) / 1_000;
            if part == 0 {
                continue;
            }
            refunds.push(refund(&sale, &refunds, part).unwrap());
            left -= part;
            let after = balances(refunds.iter().chain([&sale]));
            prop_assert_eq!(after.values().sum::<i128>(), 0);
            for ((account, _), amount) in after {
                prop_assert_eq!(amount > 0, account == TOSS, "{} of {:?}", amount, account);
            }
        }
        if left > 0 {
            refunds.push(refund(&sale, &refunds, left).unwrap());
        }
        prop_assert_eq!(balances(refunds.iter().chain([&sale])).len(), 0);
    }
}
