//! What helpers declare, put together.
//!
//! A helper that touches something, or refuses, says so in a constant beside it; an endpoint that calls
//! it takes the constant over whole: `.touches(touches![session::BEGIN, &[Touch::Get(Kind::ORDER)]])`. So
//! the caller changes with the helper, and a list is written once. The same with [`codes!`](crate::codes)
//! for error codes.

/// One list of [`Touch`](crate::api::Touch)es, of several. The same one may be in more than one.
#[macro_export]
macro_rules! touches {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&[$crate::api::Touch]] = &[$($part),+];
        const ALL: [$crate::api::Touch; $crate::api::compose::count(PARTS)] = $crate::api::compose::join(PARTS);
        &ALL
    }};
}

/// One list of error codes, of several. The same one may be in more than one.
#[macro_export]
macro_rules! codes {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&[domain::ErrorCode]] = &[$($part),+];
        const ALL: [domain::ErrorCode; $crate::api::compose::count(PARTS)] = $crate::api::compose::join(PARTS);
        &ALL
    }};
}

/// How many entries the lists have together.
#[must_use]
pub const fn count<T>(mut lists: &[&[T]]) -> usize {
    let mut count = 0_usize;
    while let [list, rest @ ..] = lists {
        count = count.saturating_add(list.len());
        lists = rest;
    }
    count
}

/// The lists, one after another. `N` is their [`count`]; another number does not compile.
///
/// # Panics
/// When `N` is another number: while compiling, since only constants are made by this.
#[must_use]
#[expect(clippy::panic, clippy::indexing_slicing, reason = "only run by the compiler, which stops then")]
pub const fn join<T: Copy, const N: usize>(mut lists: &[&[T]]) -> [T; N] {
    let mut all = match first(lists) {
        Some(entry) => [*entry; N],
        None => panic!("there is nothing in the lists"),
    };
    let mut place = 0_usize;
    while let [list, rest @ ..] = lists {
        let mut list = *list;
        while let [entry, others @ ..] = list {
            all[place] = *entry;
            place = place.saturating_add(1);
            list = others;
        }
        lists = rest;
    }
    assert!(place == N, "the lists have another number of entries");
    all
}

const fn first<'a, T>(mut lists: &[&'a [T]]) -> Option<&'a T> {
    while let [list, rest @ ..] = lists {
        if let [entry, ..] = *list {
            return Some(entry);
        }
        lists = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use crate::{
        api::{Method, Route, Touch},
        secrets::SecretName,
    };

    const HELPER: &[Touch] = &[Touch::SendMail, Touch::Secret(SecretName::TotpKey)];

    #[test]
    fn lists_are_joined_in_their_order() {
        let all: &'static [Touch] = touches![&[], HELPER, &[Touch::GrantUpload], HELPER];
        let [mail, secret] = [HELPER[0], HELPER[1]];
        assert_eq!(all, [mail, secret, Touch::GrantUpload, mail, secret]);
        let codes: &'static [domain::ErrorCode] =
            codes![domain::orders::codes::ALL, &[domain::auth::codes::EMAIL_TAKEN]];
        assert_eq!(codes.split_last(), Some((&domain::auth::codes::EMAIL_TAKEN, domain::orders::codes::ALL)));
    }

    #[test]
    fn a_secret_that_two_helpers_declare_is_read_once() {
        let route = Route::new("a.b", Method::Get, "/").touches(touches![HELPER, HELPER]);
        assert_eq!(route.all_touches().len(), 2);
        assert_eq!(Route::secrets(route.touches), [SecretName::TotpKey]);
    }
}
