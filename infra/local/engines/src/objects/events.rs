//! `ObjectCreated` events.

use std::fmt::Write as _;

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::queue::Queued;

/// An object is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCreated {
    /// `ObjectCreated:Put`, `:Copy` or `:CompleteMultipartUpload`.
    pub name: String,
    /// The bucket.
    pub bucket: String,
    /// The key, not encoded.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    /// 16 hexadecimal digits; of two events the later has the greater.
    pub sequencer: String,
    /// When, on the clock of the local cloud.
    pub time: Timestamp,
}

impl ObjectCreated {
    /// The event as it stands in the `Records` of a Lambda event (version 2.1; the key encoded as
    /// in a form, as S3 does).
    #[must_use]
    pub fn record(&self) -> Value {
        json!({
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": "ap-northeast-2",
            "eventTime": self.time,
            "eventName": self.name,
            "userIdentity": {"principalId": "local"},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": self.sequencer},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": "local",
                "bucket": {
                    "name": self.bucket,
                    "ownerIdentity": {"principalId": "local"},
                    "arn": format!("arn:aws:s3:::{}", self.bucket),
                },
                "object": {
                    "key": encoded(&self.key),
                    "size": self.size,
                    "eTag": self.etag,
                    "sequencer": self.sequencer,
                },
            },
        })
    }
}

impl Queued for ObjectCreated {
    fn sequencer(&self) -> &str {
        &self.sequencer
    }

    fn set_sequencer(&mut self, sequencer: String) {
        self.sequencer = sequencer;
    }
}

/// The key as S3 writes it into an event: as in a form, but with the slashes left.
fn encoded(key: &str) -> String {
    key.bytes().fold(String::new(), |mut text, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => text.push(char::from(byte)),
            b' ' => text.push('+'),
            _ => {
                // Writing into a text cannot fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(key: &str) -> ObjectCreated {
        ObjectCreated {
            name: "ObjectCreated:Put".to_owned(),
            bucket: "uploads".to_owned(),
            key: key.to_owned(),
            size: 3,
            etag: "e".to_owned(),
            sequencer: String::new(),
            time: Timestamp::MIN,
        }
    }

    #[test]
    fn a_key_is_encoded_as_in_a_form() {
        assert_eq!(event("media/a b+c/é").record()["s3"]["object"]["key"], "media/a+b%2Bc/%C3%A9");
    }
}
