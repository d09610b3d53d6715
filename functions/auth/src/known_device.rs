//! The devices that have signed in to an account before, as the devices themselves keep it: a sealed
//! text, stored nowhere. A known device has a count of wrong guesses of its own, and its owner gets no
//! mail about it when they sign in there again.

use domain::{Timestamp, auth::DEVICE_KNOWN_FOR};
use serde::{Deserialize, Serialize};
use shared::{
    Fault,
    api::cookies::{Cookie, CookieName},
    store::logins::KnownDevice,
};

use crate::AuthTools;

/// What the text is, so that no other text sealed by the same key is taken for one.
const BINDING: [&str; 1] = ["device"];

#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    device: KnownDevice,
    until: Timestamp,
}

/// The text for a device.
pub(crate) fn seal(tools: &AuthTools, device: KnownDevice, now: Timestamp) -> Result<String, Fault> {
    tools.challenge_key()?.seal(&BINDING, &Sealed { device, until: now.plus(DEVICE_KNOWN_FOR) })
}

/// The device that a text stands for, if it is ours and has not run out. Whether it is one of the
/// account in question, [`KnownDevice::is_of`] tells: anybody has devices of their own accounts.
pub(crate) fn open(tools: &AuthTools, text: Option<&str>, now: Timestamp) -> Result<Option<KnownDevice>, Fault> {
    let Some(text) = text else { return Ok(None) };
    let sealed: Option<Sealed> = tools.challenge_key()?.open(&BINDING, text);
    Ok(sealed.filter(|sealed| now < sealed.until).map(|sealed| sealed.device))
}

/// The cookie of a text, for browsers.
pub(crate) fn cookie(text: String) -> Cookie {
    Cookie::new(CookieName::Device, text, DEVICE_KNOWN_FOR.0)
}
