use proptest::prelude::*;

use super::*;
use crate::{
    ids::{Entropy, StoreId},
    payments::PaymentProvider,
};

const MOMENT: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn account(n: u8) -> Account {
    match n {
        0 => Account::Provider(PaymentProvider::Toss),
        1 => Account::PlatformFees,
        2 => Account::CustomerRefunds,
        n => Account::StorePayable(StoreId::new(MOMENT, Entropy([n; 10]))),
    }
}

fn krw(n: u8, amount: i64) -> Entry {
    Entry { account: account(n), amount, currency: Currency::Krw }
}

fn usd(n: u8, amount: i64) -> Entry {
    Entry { account: account(n), amount, currency: Currency::Usd }
}

fn post(entries: Vec<Entry>) -> Result<Posting, LedgerError> {
    let (id, order_id) = (PostingId::new(MOMENT, Entropy([1; 10])), OrderId::new(MOMENT, Entropy([2; 10])));
    Posting::new(id, order_id, PostingKind::Sale, MOMENT, entries)
}

#[test]
fn only_entries_that_add_up_to_zero_are_a_posting() {
    assert!(post(vec![krw(0, 100), krw(1, -100)]).is_ok());
    assert_eq!(post(vec![krw(0, 100), krw(1, -99)]), Err(LedgerError::Unbalanced));
    assert_eq!(post(vec![krw(0, 100), krw(1, 100)]), Err(LedgerError::Unbalanced));
}

#[test]
fn attack_16_one_currency_does_not_balance_another() {
    assert_eq!(post(vec![krw(0, 100), usd(1, -100)]), Err(LedgerError::Unbalanced));
    assert!(post(vec![krw(0, 100), krw(1, -100), usd(0, 5), usd(1, -5)]).is_ok());
}

#[test]
fn a_posting_has_2_to_50_entries_each_of_another_account_and_none_of_zero() {
    let spread = |count: u8| {
        let mut entries: Vec<Entry> = (1..count).map(|n| krw(n, -1)).collect();
        entries.push(krw(0, i64::from(count) - 1));
        post(entries)
    };
    assert_eq!(post(vec![]), Err(LedgerError::EntryCount));
    assert_eq!(post(vec![krw(0, 0)]), Err(LedgerError::EntryCount));
    assert!(spread(2).is_ok() && spread(50).is_ok());
    assert_eq!(spread(51), Err(LedgerError::EntryCount));
    assert_eq!(post(vec![krw(0, 1), krw(1, -1), krw(2, 0)]), Err(LedgerError::EntryAmount));
    assert_eq!(post(vec![krw(0, 2), krw(1, -1), krw(1, -1)]), Err(LedgerError::AccountRepeated));
}

#[test]
fn attack_18_entries_that_would_wrap_are_refused() {
    for wide in [i64::MAX, i64::MIN, Money::MAX_AMOUNT + 1] {
        assert_eq!(post(vec![krw(0, wide), krw(1, wide.saturating_neg())]), Err(LedgerError::EntryAmount));
    }
    assert!(post(vec![krw(0, Money::MAX_AMOUNT), krw(1, -Money::MAX_AMOUNT)]).is_ok());
}

#[test]
fn a_posting_that_was_tampered_with_cannot_be_read() {
    let posting = post(vec![krw(0, 100), krw(1, -100)]).unwrap();
    let text = serde_json::to_string(&posting).unwrap();
    assert_eq!(serde_json::from_str::<Posting>(&text).unwrap(), posting);
    let error = serde_json::from_str::<Posting>(&text.replace("-100", "-99")).unwrap_err();
    assert!(error.to_string().contains("do not add up to zero"), "{error}");
}

#[test]
fn accounts_that_are_even_are_left_out_of_the_balances() {
    let one = post(vec![krw(0, 100), krw(1, -40), krw(2, -60)]).unwrap();
    let other = post(vec![krw(0, -60), krw(2, 60)]).unwrap();
    let expected = [((account(1), "KRW"), -40), ((account(0), "KRW"), 40)];
    assert_eq!(balances([&one, &other]).into_iter().collect::<Vec<_>>(), expected);
}

proptest! {
    #[test]
    fn what_is_a_posting_adds_up_to_zero_and_what_adds_up_is_a_posting(
        amounts in proptest::collection::btree_map(0_u8..60, -1_000_i64..1_000, 0..60),
        mend in any::<bool>(),
    ) {
        let mut entries: Vec<Entry> = amounts.iter().map(|(n, amount)| krw(*n, *amount)).collect();
        let sum: i64 = amounts.values().sum();
        if mend && sum != 0 {
            entries.push(krw(200, -sum));
        }
        let is_good = (2..=50).contains(&entries.len())
            && entries.iter().all(|entry| entry.amount != 0)
            && (mend || sum == 0);
        prop_assert_eq!(post(entries).is_ok(), is_good);
    }

    /// Of any postings in any order: the books balance at every prefix.
    #[test]
    fn the_books_balance_at_every_prefix(
        postings in proptest::collection::vec(
            proptest::collection::btree_map(3_u8..20, 1_i64..1_000_000, 1..10), 1..12),
    ) {
        let postings: Vec<Posting> = postings
            .iter()
            .map(|amounts| {
                let mut entries: Vec<Entry> = amounts.iter().map(|(n, amount)| krw(*n, -amount)).collect();
                entries.push(krw(0, amounts.values().sum()));
                post(entries).unwrap()
            })
            .collect();
        for end in 0..=postings.len() {
            prop_assert_eq!(balances(&postings[..end]).values().sum::<i128>(), 0);
        }
    }
}
