//! Writing addresses: what stands in a query or a form, encoded.

/// Every byte but the unreserved ones (RFC 3986 §2.3) as `%XX`: safe in a query, a form and a
/// fragment. Not in a path, where `..` would be a segment of its own.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
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
