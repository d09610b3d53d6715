//! People: what they say of themselves, what others see of them, and how they leave.

mod coordinates;
mod error;
mod location;
mod public;
mod withdrawal;

pub use coordinates::{Coordinates, Latitude, Longitude, NotADegree};
pub use error::{UsersError, codes};
pub use location::{Area, Location};
pub use public::{Month, PublicProfile, Score};
pub use withdrawal::{Hindrance, needs_its_seller};

use crate::{ids::MediaId, media::MediaPurpose, timestamp::Seconds};

/// How many addresses a person may keep.
pub const ADDRESSES_MAX: u32 = 20;

/// How long a person who withdraws has to change their mind.
pub const COOLING_OFF: Seconds = Seconds::days(7);

/// For how long something that is under way may hold up a withdrawal. A request to be erased is to be
/// acted on within a month (GDPR art. 12(3) with art. 17), whatever a seller or a provider leaves
/// undone.
pub const WITHDRAWAL_HELD_UP_FOR: Seconds = Seconds::days(30);

/// The address on the site of the picture beside a person's name: theirs, or a default one. On no
/// page is it wider than 256 pixels.
#[must_use]
pub fn picture_url(picture: Option<MediaId>) -> String {
    MediaPurpose::Profile.picture_url(picture, 256)
}
