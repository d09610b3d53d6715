//! Whom to ask about an order, and where its goods go.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::text::{AddressLine, BadText, DeliveryMemo, Email, PersonName, Phone, ascii, stored};

/// A postal code: five digits in Korea; elsewhere 3 to 12 letters, digits, spaces and hyphens.
/// Kept in upper case, with plain spaces and hyphens, whichever kind was pasted.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Postcode(String);

impl Postcode {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`BadText::Form`] when it is not a postal code.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let text = if text.len() > 120 { String::new() } else { ascii(text) };
        let is_good = (3..=12).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ' || b == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        if is_good {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(BadText::Form(
                "must be a postal code, such as 06236: 3 to 12 letters, digits, spaces and hyphens",
                "06236과 같은 우편번호를 입력해 주세요",
            ))
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hidden, because debug output ends in logs.
impl fmt::Debug for Postcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Postcode(…)")
    }
}

impl<'de> Deserialize<'de> for Postcode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored::deserialize(deserializer, Self::parse, Self)
    }
}

impl schemars::JsonSchema for Postcode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Postcode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "minLength": 3,
            "maxLength": 12,
            "pattern": "^[A-Za-z0-9][A-Za-z0-9 -]{1,10}[A-Za-z0-9]$",
            "examples": ["06236"],
        })
    }
}

/// Whom to ask about an order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// The buyer's name.
    pub name: PersonName,
    /// The buyer's telephone number.
    pub phone: Phone,
    /// Where messages about the order go.
    pub email: Email,
}

impl Contact {
    /// What stands where a person was erased.
    #[must_use]
    pub fn erased() -> Self {
        Self { name: PersonName::erased(), phone: Phone::erased(), email: Email::erased() }
    }
}

impl ShippingAddress {
    /// What stands where a person was erased.
    #[must_use]
    pub fn erased() -> Self {
        Self {
            name: PersonName::erased(),
            phone: Phone::erased(),
            postcode: Postcode("00000".to_owned()),
            address: AddressLine::erased(),
            address_detail: None,
            memo: None,
        }
    }
}

/// Hidden, because debug output ends in logs.
impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(…)")
    }
}

/// Where the goods go.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShippingAddress {
    /// Who receives the parcel.
    pub name: PersonName,
    /// The courier calls this number.
    pub phone: Phone,
    /// The postal code.
    pub postcode: Postcode,
    /// City, street and number.
    pub address: AddressLine,
    /// Flat, floor or door.
    #[serde(default)]
    pub address_detail: Option<AddressLine>,
    /// What the courier should know.
    #[serde(default)]
    pub memo: Option<DeliveryMemo>,
}

/// Hidden, because debug output ends in logs.
impl fmt::Debug for ShippingAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShippingAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHIPPING: &str =
        r#"{"name":"Kim Mina","phone":"010-1234-5678","postcode":"06236","address":"12 Teheran-ro"}"#;

    #[test]
    fn postal_codes_of_korea_and_elsewhere_are_read_in_upper_case() {
        for (text, expected) in [
            ("06236", "06236"),
            (" sw1a 1aa ", "SW1A 1AA"),
            ("90210-1234", "90210-1234"),
            ("０６２３６", "06236"),
            ("\u{feff}06236\u{200b}", "06236"),
            ("\u{2068}135\u{2011}080\u{2069}", "135-080"),
            ("sw1a\u{a0}1aa", "SW1A 1AA"),
        ] {
            assert_eq!(Postcode::parse(text).unwrap().as_str(), expected);
        }
        for wrong in ["", "12", "1234567890123", "12345\r\n", "---", "1234;", "06236\0", "강남구"] {
            // White space at the ends is cut off, as for every text.
            assert_eq!(Postcode::parse(wrong).is_ok(), wrong == "12345\r\n", "{wrong:?}");
        }
    }

    #[test]
    fn detail_and_memo_may_be_left_out() {
        let shipping: ShippingAddress = serde_json::from_str(SHIPPING).unwrap();
        assert_eq!((shipping.address_detail, shipping.memo), (None, None));
    }

    #[test]
    fn attack_58_an_unknown_field_is_refused() {
        let json = SHIPPING.replace("{\"name\"", "{\"country\":\"KR\",\"name\"");
        assert!(serde_json::from_str::<ShippingAddress>(&json).is_err());
        let contact = r#"{"name":"Mina","phone":"01012345678","email":"m@example.com","role":"admin"}"#;
        assert!(serde_json::from_str::<Contact>(contact).is_err());
    }

    #[test]
    fn attack_69_debug_output_tells_nobody_where_people_live() {
        let shipping: ShippingAddress = serde_json::from_str(SHIPPING).unwrap();
        let contact = r#"{"name":"Mina","phone":"01012345678","email":"m@example.com"}"#;
        let contact: Contact = serde_json::from_str(contact).unwrap();
        let text = format!("{shipping:?} {contact:?} {:?}", shipping.postcode);
        for secret in ["Mina", "Teheran", "06236", "0101", "example.com"] {
            assert!(!text.contains(secret), "{text}");
        }
    }

    proptest! {
        #[test]
        fn attack_60_any_text_is_taken_or_refused_and_what_is_taken_reads_back_the_same(text in any::<String>()) {
            if let Ok(postcode) = Postcode::parse(&text) {
                prop_assert_eq!(Postcode::parse(postcode.as_str()), Ok(postcode.clone()));
            }
        }
    }
}
