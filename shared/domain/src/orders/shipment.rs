//! The parcel of an order: who carries it, and how to follow it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    Timestamp,
    text::{BadText, CarrierName, ascii, stored},
};

/// Who carries a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// CJ Logistics (CJ대한통운).
    Cj,
    /// Hanjin (한진택배).
    Hanjin,
    /// Lotte Global Logistics (롯데택배).
    Lotte,
    /// Korea Post (우체국택배).
    Post,
    /// Logen (로젠택배).
    Logen,
    /// Another, which the seller names.
    Other,
}

impl Carrier {
    /// What Koreans call it; `None` for one that the seller names.
    #[must_use]
    pub const fn korean_name(self) -> Option<&'static str> {
        match self {
            Self::Cj => Some("CJ대한통운"),
            Self::Hanjin => Some("한진택배"),
            Self::Lotte => Some("롯데택배"),
            Self::Post => Some("우체국택배"),
            Self::Logen => Some("로젠택배"),
            Self::Other => None,
        }
    }

    /// What it calls itself in English; `None` for one that the seller names.
    #[must_use]
    pub const fn english_name(self) -> Option<&'static str> {
        match self {
            Self::Cj => Some("CJ Logistics"),
            Self::Hanjin => Some("Hanjin Express"),
            Self::Lotte => Some("Lotte Global Logistics"),
            Self::Post => Some("Korea Post"),
            Self::Logen => Some("Logen"),
            Self::Other => None,
        }
    }

    /// The carrier's own page about a parcel, up to where the number comes. The addresses are those that the
    /// carriers' sites lead to; none of them promises to keep it.
    const fn tracking_page(self) -> Option<&'static str> {
        match self {
            Self::Cj => Some("https://trace.cjlogistics.com/next/tracking.html?wblNo="),
            Self::Hanjin => {
                Some("https://www.hanjin.com/kor/CMS/DeliveryMgr/WaybillResult.do?mCode=MN038&schLang=KR&wblnumText2=")
            }
            Self::Lotte => Some("https://www.lotteglogis.com/home/reservation/tracking/linkView?InvNo="),
            Self::Post => Some("https://service.epost.go.kr/trace.RetrieveDomRigiTraceList.comm?sid1="),
            Self::Logen => Some("https://www.ilogen.com/web/personal/trace/"),
            Self::Other => None,
        }
    }
}

/// The number by which a carrier knows a parcel: 5 to 40 letters and digits, kept in upper case without the
/// spaces and hyphens that people write into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TrackingNumber(String);

impl TrackingNumber {
    /// Reads what a person typed.
    ///
    /// # Errors
    /// [`BadText::Form`] when it is not such a number.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let text = if text.len() > 400 { String::new() } else { ascii(text) };
        let number: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        if (5..=40).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(number.to_ascii_uppercase()))
        } else {
            Err(BadText::Form(
                "must be a tracking number, such as 6803 1234 5678: 5 to 40 letters and digits",
                "운송장 번호를 숫자와 영문 5~40자로 입력해 주세요",
            ))
        }
    }

    /// The number.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrackingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TrackingNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored::deserialize(deserializer, Self::parse, Self)
    }
}

impl schemars::JsonSchema for TrackingNumber {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TrackingNumber".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 5, "maxLength": 40, "examples": ["680312345678"] })
    }
}

/// A parcel that was handed to a carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// Who carries it.
    pub carrier: Carrier,
    /// What another carrier is called.
    pub carrier_name: Option<CarrierName>,
    /// Its number.
    pub tracking_number: TrackingNumber,
    /// When it was handed over.
    pub shipped_at: Timestamp,
}

impl Shipment {
    /// What the carrier is called.
    #[must_use]
    pub fn carrier_name(&self, language: crate::Language) -> &str {
        let known = match language {
            crate::Language::English => self.carrier.english_name(),
            crate::Language::Korean => self.carrier.korean_name(),
        };
        known.or(self.carrier_name.as_ref().map(CarrierName::as_str)).unwrap_or_default()
    }
}

impl From<&Shipment> for ShownShipment {
    fn from(shipment: &Shipment) -> Self {
        let number = &shipment.tracking_number;
        Self {
            carrier: shipment.carrier,
            carrier_name: shipment.carrier_name.clone(),
            tracking_number: number.clone(),
            tracking_url: shipment.carrier.tracking_page().map(|page| format!("{page}{number}")),
            shipped_at: shipment.shipped_at,
        }
    }
}

/// A parcel as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ShownShipment {
    /// Who carries it.
    pub carrier: Carrier,
    /// What another carrier is called; null for those that have a name of their own here.
    pub carrier_name: Option<CarrierName>,
    /// The carrier's number.
    pub tracking_number: TrackingNumber,
    /// The carrier's page about it; null for another carrier.
    pub tracking_url: Option<String>,
    /// When it was handed over.
    pub shipped_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_write_it() {
        for (text, expected) in [
            ("6803 1234 5678", "680312345678"),
            ("6803\u{2011}1234\u{2011}5678", "680312345678"),
            ("\u{feff}\u{ff16}\u{ff18}031\u{200b}", "68031"),
            (" eb123456789kr ", "EB123456789KR"),
        ] {
            assert_eq!(TrackingNumber::parse(text).unwrap().as_str(), expected, "{text:?}");
        }
        for wrong in
            ["", "1234", "가나다라마", "12345/../", "12345?x=1", "12345\n67890", &"1".repeat(41), &"1".repeat(9_999)]
        {
            assert!(TrackingNumber::parse(wrong).is_err(), "{wrong:.20}");
        }
    }

    #[test]
    fn every_carrier_but_another_has_names_and_a_page() {
        use Carrier::{Cj, Hanjin, Logen, Lotte, Other, Post};
        let shipment = |carrier| Shipment {
            carrier,
            carrier_name: Some(CarrierName::parse("Bike messenger").unwrap()),
            tracking_number: TrackingNumber::parse("680312345678").unwrap(),
            shipped_at: Timestamp::MIN,
        };
        for carrier in [Cj, Hanjin, Lotte, Post, Logen] {
            let shown = ShownShipment::from(&shipment(carrier));
            assert!(shown.tracking_url.unwrap().ends_with("680312345678"));
            assert_ne!(shipment(carrier).carrier_name(crate::Language::Korean), "Bike messenger");
        }
        assert_eq!(ShownShipment::from(&shipment(Other)).tracking_url, None);
        assert_eq!(shipment(Other).carrier_name(crate::Language::English), "Bike messenger");
    }
}
