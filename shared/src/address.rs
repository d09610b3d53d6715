//! Writing addresses: what stands in a query or a form, encoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// All that RFC 3986 §2.3 does not leave as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Every byte but the unreserved ones (RFC 3986 §2.3) as `%XX`: safe in a query, a form and a
/// fragment. Not in a path, where `..` would be a segment of its own: see [`path_segment`].
#[must_use]
pub fn encoded(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// A text as one segment of a path, so that it cannot name another resource.
#[must_use]
pub fn path_segment(text: &str) -> PercentEncode<'_> {
    const SEGMENT: &AsciiSet = &RESERVED.add(b'.').add(b'~');
    utf8_percent_encode(text, SEGMENT)
}

/// Names and values as a form and a query have them.
#[must_use]
pub fn form(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_64_whatever_goes_into_an_address_is_encoded() {
        let form = form(&[("a", "b c"), ("next", "//x?y=1&z#\r\nLocation: x"), ("말", "끝")]);
        assert_eq!(form, "a=b%20c&next=%2F%2Fx%3Fy%3D1%26z%23%0D%0ALocation%3A%20x&%EB%A7%90=%EB%81%9D");
    }
}
