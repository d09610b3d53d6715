//! Password hashes: argon2id with 19 MiB, two passes, one lane, which meets OWASP's table and the
//! floor of ASVS appendix C. About 50 ms on a full core.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::Salt,
};

use crate::{
    fault::{Fault, FaultKind},
    meter, random,
};

/// Memory in KiB.
const MEMORY_KIB: u32 = 19 * 1024;
/// Passes over the memory.
const PASSES: u32 = 2;

/// How the hashes that are made today begin.
const TODAY: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// A hash that nobody's password has, made with the same parameters: checking an unknown address
/// against it takes the same time as checking a known one.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm9ib2R5$lBXjXkPGmTVDLWXOt0TtgTxV5JYcp4iFCxEgs6ZEOcg";

fn hasher() -> Result<Argon2<'static>, Fault> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|e| broken(&e))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn broken(error: &dyn std::fmt::Display) -> Fault {
    Fault::new(FaultKind::Cryptography, "hash a password").with_source(error.to_string())
}

/// The hash of a password, in PHC form, with a fresh salt of 16 bytes.
///
/// # Errors
/// When there is no randomness, or no memory for the hash.
pub fn hash(password: &str) -> Result<String, Fault> {
    meter::hashed_password();
    let salt = Salt::new(&random::bytes::<16>()?).map_err(|e| broken(&e))?;
    let hash = hasher()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(|e| broken(&e))?;
    Ok(hash.to_string())
}

/// Whether a hash was made with other parameters than those of today. Such a one still works; with
/// the right password at hand, it is time for a new one.
#[must_use]
pub fn is_outdated(hash: &str) -> bool {
    !hash.starts_with(TODAY)
}

/// Whether the password has this hash, whatever parameters it was made with. Without a hash, works just as long and says no.
///
/// # Errors
/// When the hash cannot be read.
pub fn matches(password: &str, hash: Option<&str>) -> Result<bool, Fault> {
    meter::hashed_password();
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODY)).map_err(|e| broken(&e))?;
    let right = hasher()?.verify_password(password.as_bytes(), &parsed).is_ok();
    Ok(right && hash.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_matches_its_password_and_no_other() {
        let hash = hash("correct horse battery").unwrap();
        assert!(hash.starts_with(TODAY) && !is_outdated(&hash), "{hash}");
        assert!(matches("correct horse battery", Some(&hash)).unwrap());
        for wrong in ["", "correct horse batter", "correct horse battery ", "Correct horse battery"] {
            assert!(!matches(wrong, Some(&hash)).unwrap(), "{wrong:?}");
        }
    }

    #[test]
    fn attack_49_nothing_after_72_bytes_is_cut_off() {
        let long = "x".repeat(72);
        let hash = hash(&format!("{long}a")).unwrap();
        assert!(!matches(&format!("{long}b"), Some(&hash)).unwrap());
    }

    #[test]
    fn attack_48_without_a_hash_the_same_work_is_done_and_the_answer_is_no() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let somebody = hash("correct horse battery").unwrap();
        let somebody = PasswordHash::new(&somebody).unwrap();
        assert_eq!(nobody.algorithm, somebody.algorithm);
        assert_eq!(nobody.version, somebody.version);
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.hash.map(|h| h.len()), somebody.hash.map(|h| h.len()));
        assert!(!matches("nobody", None).unwrap());
    }

    #[test]
    fn a_hash_of_earlier_parameters_still_works_and_is_known_for_what_it_is() {
        let earlier = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8 * 1024, 1, 1, None).unwrap());
        let salt = Salt::new(&[7; 16]).unwrap();
        let hash = earlier.hash_password_with_salt(b"correct horse battery", &salt).unwrap().to_string();
        assert!(hash.starts_with("$argon2id$v=19$m=8192,t=1,p=1$") && is_outdated(&hash), "{hash}");
        assert!(matches("correct horse battery", Some(&hash)).unwrap());
        assert!(!matches("correct horse batterx", Some(&hash)).unwrap());
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        assert_ne!(hash("correct horse battery").unwrap(), hash("correct horse battery").unwrap());
    }

    #[test]
    fn what_is_no_hash_is_a_fault_and_not_a_wrong_password() {
        assert_eq!(matches("x", Some("plain text")).unwrap_err().kind, FaultKind::Cryptography);
    }
}
