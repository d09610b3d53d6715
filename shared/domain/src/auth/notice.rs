//! What happened to an account that its owner is told of, because somebody else may have done it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What happened to an account that its owner is told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "notice", rename_all = "snake_case")]
pub enum Notice {
    /// The account was made.
    Welcome,
    /// The password was changed or reset.
    PasswordChanged,
    /// Somebody signed in from a device that had not signed in before.
    NewDevice {
        /// What the device says that it is, such as "Chrome on Android"; never its address.
        device: String,
    },
    /// Signing in asks for a second factor from now on.
    TotpEnabled,
    /// Signing in asks for no second factor any more.
    TotpDisabled,
    /// A recovery code was used to sign in.
    RecoveryCodeUsed {
        /// How many are left.
        left: u32,
    },
    /// A login of a provider was linked to the account.
    LoginLinked {
        /// The provider's name, as people know it.
        provider: String,
    },
    /// A login of a provider was taken off the account.
    LoginUnlinked {
        /// The provider's name, as people know it.
        provider: String,
    },
    /// The owner asked to withdraw.
    WithdrawalPlanned {
        /// When the account is erased.
        erase_at: Timestamp,
    },
    /// The owner changed their mind.
    WithdrawalCancelled,
}
