//! Entries of the error catalogue.

use crate::{Class, ErrorCode};

/// See [`super::AuthError::CodeTooSoon`].
pub const CODE_TOO_SOON: ErrorCode = ErrorCode::new(
    "auth.code_too_soon",
    Class::TooMany,
    "A code was sent a moment ago",
    "방금 인증번호를 보냈습니다",
    "Wait as long as Retry-After says; the code that was sent still holds.",
);
/// See [`super::AuthError::TooManyCodes`].
pub const TOO_MANY_CODES: ErrorCode = ErrorCode::new(
    "auth.too_many_codes",
    Class::TooMany,
    "Too many codes were sent",
    "인증번호를 너무 많이 요청했습니다",
    "Wait as long as Retry-After says.",
);
/// See [`super::AuthError::CodeWrong`].
pub const CODE_WRONG: ErrorCode = ErrorCode::new(
    "auth.code_wrong",
    Class::Unprocessable,
    "The code is wrong",
    "인증번호가 일치하지 않습니다",
    "Ask the person to compare it with the newest mail.",
);
/// See [`super::AuthError::CodeExpired`].
pub const CODE_EXPIRED: ErrorCode = ErrorCode::new(
    "auth.code_expired",
    Class::Gone,
    "The code no longer holds",
    "인증번호가 만료되었습니다",
    "Send a new code.",
);
/// See [`super::AuthError::EmailProofInvalid`].
pub const EMAIL_PROOF_INVALID: ErrorCode = ErrorCode::new(
    "auth.email_proof_invalid",
    Class::Unauthenticated,
    "The proof of the e-mail address does not hold",
    "이메일 인증이 유효하지 않습니다",
    "Send a new code and verify it.",
);
/// See [`super::AuthError::EmailTaken`].
pub const EMAIL_TAKEN: ErrorCode = ErrorCode::new(
    "auth.email_taken",
    Class::Conflict,
    "The e-mail address has an account",
    "이미 가입된 이메일입니다",
    "Offer to sign in.",
);
/// See [`super::AuthError::NicknameTaken`].
pub const NICKNAME_TAKEN: ErrorCode = ErrorCode::new(
    "auth.nickname_taken",
    Class::Conflict,
    "The nickname is taken",
    "이미 사용 중인 닉네임입니다",
    "Ask for another nickname.",
);
/// See [`super::AuthError::PasswordTooCommon`].
pub const PASSWORD_TOO_COMMON: ErrorCode = ErrorCode::new(
    "auth.password_too_common",
    Class::Unprocessable,
    "The password is too easy to guess",
    "너무 흔한 비밀번호입니다",
    "Ask for another password.",
);
/// See [`super::AuthError::BadCredentials`].
pub const BAD_CREDENTIALS: ErrorCode = ErrorCode::new(
    "auth.bad_credentials",
    Class::Unauthenticated,
    "E-mail address or password is wrong",
    "이메일 또는 비밀번호가 올바르지 않습니다",
    "Let the person try again.",
);
/// See [`super::AuthError::AccountBanned`].
pub const ACCOUNT_BANNED: ErrorCode = ErrorCode::new(
    "auth.account_banned",
    Class::Forbidden,
    "The account is shut",
    "이용이 정지된 계정입니다",
    "Tell the person whom to write to.",
);
/// See [`super::AuthError::AccountWithdrawing`].
pub const ACCOUNT_WITHDRAWING: ErrorCode = ErrorCode::new(
    "auth.account_withdrawing",
    Class::Conflict,
    "The account is about to be erased",
    "탈퇴 처리 중인 계정입니다",
    "Ask whether they changed their mind, and sign in with `cancel_withdrawal` then.",
);
/// See [`super::AuthError::SessionEnded`].
pub const SESSION_ENDED: ErrorCode = ErrorCode::new(
    "auth.session_ended",
    Class::Unauthenticated,
    "The session has ended",
    "로그인이 만료되었습니다",
    "Sign in again.",
);
/// See [`super::AuthError::TotpEnabled`].
pub const TOTP_ENABLED: ErrorCode = ErrorCode::new(
    "auth.totp_enabled",
    Class::Conflict,
    "Two-step sign-in is on already",
    "2단계 인증이 이미 켜져 있습니다",
    "Turn it off first to set it up anew.",
);
/// See [`super::AuthError::TotpNotStarted`].
pub const TOTP_NOT_STARTED: ErrorCode = ErrorCode::new(
    "auth.totp_not_started",
    Class::Conflict,
    "Two-step sign-in was not set up",
    "2단계 인증 설정을 시작하지 않았습니다",
    "Get a secret with POST /me/totp first.",
);
/// See [`super::AuthError::TotpNotEnabled`].
pub const TOTP_NOT_ENABLED: ErrorCode = ErrorCode::new(
    "auth.totp_not_enabled",
    Class::Conflict,
    "Two-step sign-in is off",
    "2단계 인증이 꺼져 있습니다",
    "There is nothing to turn off.",
);
/// See [`super::AuthError::TotpCodeWrong`] and [`super::AuthError::RecoveryCodeWrong`].
pub const SECOND_FACTOR_WRONG: ErrorCode = ErrorCode::new(
    "auth.second_factor_wrong",
    Class::Unprocessable,
    "The code is wrong or was used",
    "인증번호가 올바르지 않거나 이미 사용되었습니다",
    "Ask for the code that the app shows now, or for another recovery code.",
);
/// See [`super::AuthError::SecondFactorNeeded`].
pub const SECOND_FACTOR_NEEDED: ErrorCode = ErrorCode::new(
    "auth.second_factor_needed",
    Class::Unprocessable,
    "A code of the second factor is needed",
    "2단계 인증이 필요합니다",
    "Send `code` or `recovery_code` as well.",
);
/// See [`super::AuthError::ChallengeInvalid`].
pub const CHALLENGE_INVALID: ErrorCode = ErrorCode::new(
    "auth.challenge_invalid",
    Class::Unauthenticated,
    "The first step of signing in no longer holds",
    "로그인 첫 단계가 만료되었습니다",
    "Begin again with address and password.",
);
/// See [`super::AuthError::PasswordWrong`].
pub const PASSWORD_WRONG: ErrorCode = ErrorCode::new(
    "auth.password_wrong",
    Class::Unprocessable,
    "The present password is wrong",
    "현재 비밀번호가 일치하지 않습니다",
    "Let the person try again, or reset the password by a code to their address.",
);
/// See [`super::AuthError::NoAccount`].
pub const NO_ACCOUNT: ErrorCode = ErrorCode::new(
    "auth.no_account",
    Class::NotFound,
    "The address has no account",
    "가입되지 않은 이메일입니다",
    "Offer to sign up.",
);
/// See [`super::AuthError::SessionNotFound`].
pub const SESSION_NOT_FOUND: ErrorCode = ErrorCode::new(
    "auth.session_not_found",
    Class::NotFound,
    "There is no such session",
    "존재하지 않는 로그인 기기입니다",
    "Read the list of sessions again.",
);
/// See [`super::AuthError::TooManyRequests`].
pub const TOO_MANY_REQUESTS: ErrorCode = ErrorCode::new(
    "auth.too_many_requests",
    Class::TooMany,
    "Too many requests",
    "요청이 너무 많습니다",
    "Wait as long as Retry-After says.",
);
/// See [`super::AuthError::ProofByPasswordNeeded`] and [`super::AuthError::ProofByEmailNeeded`].
pub const FRESH_PROOF_NEEDED: ErrorCode = ErrorCode::new(
    "auth.fresh_proof_needed",
    Class::Unprocessable,
    "A fresh proof is needed that it is you",
    "본인 확인이 필요합니다",
    "Send `current_password`; for people who have none, `email_proof` for the purpose `confirm`.",
);
/// See [`super::AuthError::TooManyAttempts`].
pub const TOO_MANY_ATTEMPTS: ErrorCode = ErrorCode::new(
    "auth.too_many_attempts",
    Class::TooMany,
    "Too many attempts to sign in",
    "로그인 시도가 너무 많습니다",
    "Wait as long as Retry-After says.",
);
/// See [`super::AuthError::LoginProviderOff`].
pub const LOGIN_PROVIDER_OFF: ErrorCode = ErrorCode::new(
    "auth.login_provider_off",
    Class::NotFound,
    "Nobody signs in with this provider here",
    "사용할 수 없는 로그인 방법입니다",
    "Offer another way to sign in.",
);
/// See [`super::AuthError::LoginUnavailable`].
pub const LOGIN_UNAVAILABLE: ErrorCode = ErrorCode::new(
    "auth.login_unavailable",
    Class::Unavailable,
    "The login provider does not answer",
    "로그인 제공자가 응답하지 않습니다",
    "Let the person try again, or sign in another way.",
);
/// See [`super::AuthError::LoginCancelled`].
pub const LOGIN_CANCELLED: ErrorCode = ErrorCode::new(
    "auth.login_cancelled",
    Class::Conflict,
    "The login was cancelled",
    "로그인이 취소되었습니다",
    "Show the ways to sign in again.",
);
/// See [`super::AuthError::LoginFailed`].
pub const LOGIN_FAILED: ErrorCode = ErrorCode::new(
    "auth.login_failed",
    Class::Unauthenticated,
    "The login did not work",
    "로그인에 실패했습니다",
    "Let the person try again.",
);
/// See [`super::AuthError::CompletionInvalid`].
pub const COMPLETION_INVALID: ErrorCode = ErrorCode::new(
    "auth.completion_invalid",
    Class::Unauthenticated,
    "The login must be begun again",
    "로그인을 다시 시작해 주세요",
    "Begin at the provider again, in this browser.",
);
/// See [`super::AuthError::LoginTaken`].
pub const LOGIN_TAKEN: ErrorCode = ErrorCode::new(
    "auth.login_taken",
    Class::Conflict,
    "The login belongs to another account",
    "다른 계정에 연결된 로그인입니다",
    "Sign in with it, or use another account at the provider.",
);
/// See [`super::AuthError::LoginLinkedAlready`].
pub const LOGIN_LINKED_ALREADY: ErrorCode = ErrorCode::new(
    "auth.login_linked_already",
    Class::Conflict,
    "A login of this provider is linked already",
    "이미 연결된 로그인이 있습니다",
    "Unlink the other one first.",
);
/// See [`super::AuthError::LoginNotLinked`].
pub const LOGIN_NOT_LINKED: ErrorCode = ErrorCode::new(
    "auth.login_not_linked",
    Class::NotFound,
    "No login of this provider is linked",
    "연결된 로그인이 없습니다",
    "Read the list of logins again.",
);
/// See [`super::AuthError::LastWayIn`].
pub const LAST_WAY_IN: ErrorCode = ErrorCode::new(
    "auth.last_way_in",
    Class::Conflict,
    "This is the last way into the account",
    "마지막 남은 로그인 방법입니다",
    "Set a password or link another login first.",
);
/// See [`super::AuthError::SignInToLink`].
pub const SIGN_IN_TO_LINK: ErrorCode = ErrorCode::new(
    "auth.sign_in_to_link",
    Class::Conflict,
    "Sign in before linking the login",
    "기존 계정으로 먼저 로그인해 주세요",
    "Let the person sign in as usual, and link the login on the page of their account.",
);
