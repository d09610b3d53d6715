//! How sign-up and sign-in say no.

pub mod codes;

use crate::{ErrorCode, Language, ServiceError};

/// How sign-up and sign-in say no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthError {
    /// A code was sent to this address less than a minute ago.
    CodeTooSoon {
        /// When the next may be sent, in seconds.
        retry_after_s: u32,
    },
    /// This address, or this source, was sent too many codes.
    TooManyCodes {
        /// When the next may be sent, in seconds.
        retry_after_s: u32,
    },
    /// The code is not the one that was sent.
    CodeWrong {
        /// How many guesses are left.
        tries_left: u32,
    },
    /// There is no code that could be guessed: expired, used, guessed at too often, never sent.
    CodeExpired,
    /// The proof of the address is not ours, or too old.
    EmailProofInvalid,
    /// The address belongs to an account.
    EmailTaken,
    /// The nickname belongs to an account.
    NicknameTaken,
    /// The password is among the first that attackers try.
    PasswordTooCommon,
    /// The address or the password is wrong; which, nobody is told.
    BadCredentials,
    /// The account was shut by an admin.
    AccountBanned,
    /// The owner of the account asked to withdraw, and has not said that they changed their mind.
    AccountWithdrawing,
    /// The session has ended, or never was.
    SessionEnded,
    /// The present password that was shown for a change is wrong.
    PasswordWrong,
    /// Nobody has an account with the address that was proved.
    NoAccount,
    /// The person has no such session.
    SessionNotFound,
    /// Somebody asked this too often.
    TooManyRequests {
        /// When they may ask again, in seconds.
        retry_after_s: u32,
    },
    /// A second factor is on already.
    TotpEnabled,
    /// No second factor was started that a code could turn on.
    TotpNotStarted,
    /// There is no second factor that could be turned off.
    TotpNotEnabled,
    /// The code of the authenticator app is wrong, or was used before.
    TotpCodeWrong,
    /// The recovery code is wrong, or was used before.
    RecoveryCodeWrong,
    /// The person's sign-in asks for a second factor, and so does this.
    SecondFactorNeeded,
    /// The first step of signing in is too long ago, or its word is not ours.
    ChallengeInvalid,
    /// The person has a password, and has to prove by it that it is them.
    ProofByPasswordNeeded,
    /// The person has no password, and has to prove by a code that their address is theirs.
    ProofByEmailNeeded,
    /// Too many attempts to sign in.
    TooManyAttempts {
        /// When the next may be made, in seconds.
        retry_after_s: u32,
    },
    /// Nobody signs in with this provider here.
    LoginProviderOff,
    /// The provider is in trouble.
    LoginUnavailable,
    /// The person did not want to, at the provider.
    LoginCancelled,
    /// What came back from the provider is not what was asked for. Why, only the log knows.
    LoginFailed,
    /// What the provider's word was sealed in is not ours, not this browser's, or too old.
    CompletionInvalid,
    /// The account at the provider is somebody else's way in.
    LoginTaken,
    /// The person has a login of this provider, another one.
    LoginLinkedAlready,
    /// The person has no login of this provider.
    LoginNotLinked,
    /// There would be no way into the account any more.
    LastWayIn,
    /// The address has an account that is entered in more than one step: its owner goes in that way
    /// first.
    SignInToLink,
}

impl ServiceError for AuthError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::CodeTooSoon { .. } => codes::CODE_TOO_SOON,
            Self::TooManyCodes { .. } => codes::TOO_MANY_CODES,
            Self::CodeWrong { .. } => codes::CODE_WRONG,
            Self::CodeExpired => codes::CODE_EXPIRED,
            Self::EmailProofInvalid => codes::EMAIL_PROOF_INVALID,
            Self::EmailTaken => codes::EMAIL_TAKEN,
            Self::NicknameTaken => codes::NICKNAME_TAKEN,
            Self::PasswordTooCommon => codes::PASSWORD_TOO_COMMON,
            Self::BadCredentials => codes::BAD_CREDENTIALS,
            Self::AccountBanned => codes::ACCOUNT_BANNED,
            Self::AccountWithdrawing => codes::ACCOUNT_WITHDRAWING,
            Self::SessionEnded => codes::SESSION_ENDED,
            Self::PasswordWrong => codes::PASSWORD_WRONG,
            Self::NoAccount => codes::NO_ACCOUNT,
            Self::SessionNotFound => codes::SESSION_NOT_FOUND,
            Self::TooManyRequests { .. } => codes::TOO_MANY_REQUESTS,
            Self::TotpEnabled => codes::TOTP_ENABLED,
            Self::TotpNotStarted => codes::TOTP_NOT_STARTED,
            Self::TotpNotEnabled => codes::TOTP_NOT_ENABLED,
            Self::TotpCodeWrong | Self::RecoveryCodeWrong => codes::SECOND_FACTOR_WRONG,
            Self::SecondFactorNeeded => codes::SECOND_FACTOR_NEEDED,
            Self::ChallengeInvalid => codes::CHALLENGE_INVALID,
            Self::ProofByPasswordNeeded | Self::ProofByEmailNeeded => codes::FRESH_PROOF_NEEDED,
            Self::TooManyAttempts { .. } => codes::TOO_MANY_ATTEMPTS,
            Self::LoginProviderOff => codes::LOGIN_PROVIDER_OFF,
            Self::LoginUnavailable => codes::LOGIN_UNAVAILABLE,
            Self::LoginCancelled => codes::LOGIN_CANCELLED,
            Self::LoginFailed => codes::LOGIN_FAILED,
            Self::CompletionInvalid => codes::COMPLETION_INVALID,
            Self::LoginTaken => codes::LOGIN_TAKEN,
            Self::LoginLinkedAlready => codes::LOGIN_LINKED_ALREADY,
            Self::LoginNotLinked => codes::LOGIN_NOT_LINKED,
            Self::LastWayIn => codes::LAST_WAY_IN,
            Self::SignInToLink => codes::SIGN_IN_TO_LINK,
        }
    }

    fn detail(&self, language: Language) -> String {
        match language {
            Language::English => self.in_english(),
            Language::Korean => self.in_korean(),
        }
    }

    fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::CodeTooSoon { retry_after_s }
            | Self::TooManyCodes { retry_after_s }
            | Self::TooManyRequests { retry_after_s }
            | Self::TooManyAttempts { retry_after_s } => Some(*retry_after_s),
            Self::LoginUnavailable => Some(30),
            _ => None,
        }
    }

    fn pointer(&self) -> Option<String> {
        match self {
            Self::CodeWrong { .. } | Self::CodeExpired | Self::TotpCodeWrong | Self::SecondFactorNeeded => {
                Some("/code".to_owned())
            }
            Self::RecoveryCodeWrong => Some("/recovery_code".to_owned()),
            Self::NicknameTaken => Some("/nickname".to_owned()),
            Self::PasswordTooCommon => Some("/password".to_owned()),
            Self::PasswordWrong | Self::ProofByPasswordNeeded => Some("/current_password".to_owned()),
            Self::ProofByEmailNeeded => Some("/email_proof".to_owned()),
            _ => None,
        }
    }
}

impl AuthError {
    fn in_english(self) -> String {
        match self {
            Self::CodeTooSoon { retry_after_s } => {
                format!("a code was sent a moment ago; the next can be sent in {retry_after_s} s")
            }
            Self::TooManyCodes { retry_after_s } => {
                format!("too many codes were sent; try again in {}", minutes(retry_after_s))
            }
            Self::CodeWrong { tries_left: 0 } => {
                "the code is wrong, and this was the last try: send a new one".to_owned()
            }
            Self::CodeWrong { tries_left } => format!("the code is wrong; {tries_left} tries are left"),
            Self::CodeExpired => "the code has expired or was used: send a new one".to_owned(),
            Self::EmailProofInvalid => "verify the e-mail address again".to_owned(),
            Self::EmailTaken => "this e-mail address has an account: sign in instead".to_owned(),
            Self::NicknameTaken => "this nickname is taken".to_owned(),
            Self::PasswordTooCommon => "this password is among the first that attackers try".to_owned(),
            Self::BadCredentials => "the e-mail address or the password is wrong".to_owned(),
            Self::AccountBanned => "this account was shut by an admin".to_owned(),
            Self::AccountWithdrawing => {
                "this account is to be erased, as its owner asked: sign in again and say that you stay".to_owned()
            }
            Self::SessionEnded => "sign in again".to_owned(),
            Self::PasswordWrong => "this is not the present password".to_owned(),
            Self::NoAccount => "nobody has an account with this e-mail address".to_owned(),
            Self::SessionNotFound => "you have no such session".to_owned(),
            Self::TooManyRequests { retry_after_s } => {
                format!("too many requests; try again in {}", minutes(retry_after_s))
            }
            Self::TotpEnabled => "two-step sign-in is on already".to_owned(),
            Self::TotpNotStarted => "start setting up two-step sign-in first".to_owned(),
            Self::TotpNotEnabled => "two-step sign-in is off".to_owned(),
            Self::TotpCodeWrong => {
                "this is not a code that the authenticator app shows now, or it was used before".to_owned()
            }
            Self::RecoveryCodeWrong => "this is no recovery code of yours, or it was used before".to_owned(),
            Self::SecondFactorNeeded => "confirm with a code of your authenticator app as well".to_owned(),
            Self::ChallengeInvalid => "the first step is too long ago: begin again".to_owned(),
            Self::ProofByPasswordNeeded => "confirm with your password that it is you".to_owned(),
            Self::ProofByEmailNeeded => "confirm with a code by mail that it is you".to_owned(),
            Self::TooManyAttempts { retry_after_s } => {
                format!("too many attempts; try again in {}", minutes(retry_after_s))
            }
            Self::LoginProviderOff => "this provider cannot be used here".to_owned(),
            Self::LoginUnavailable => "the provider does not answer at this moment".to_owned(),
            Self::LoginCancelled => "you did not agree at the provider".to_owned(),
            Self::LoginFailed => "the login could not be checked; try again".to_owned(),
            Self::CompletionInvalid => "too much time has passed, or this is another browser".to_owned(),
            Self::LoginTaken => "this login belongs to another account".to_owned(),
            Self::LoginLinkedAlready => "another login of this provider is linked to the account".to_owned(),
            Self::LoginNotLinked => "no login of this provider is linked to the account".to_owned(),
            Self::LastWayIn => "without it there would be no way into the account".to_owned(),
            Self::SignInToLink => {
                "this e-mail address has an account: sign in as usual, and link the login there".to_owned()
            }
        }
    }

    fn in_korean(self) -> String {
        match self {
            Self::CodeTooSoon { retry_after_s } => {
                format!("방금 인증번호를 보냈습니다. {retry_after_s}초 후 다시 요청해 주세요")
            }
            Self::TooManyCodes { retry_after_s } => {
                format!("인증번호를 너무 많이 요청했습니다. {}분 후 다시 시도해 주세요", retry_after_s.div_ceil(60))
            }
            Self::CodeWrong { tries_left: 0 } => "인증번호가 일치하지 않습니다. 새 인증번호를 요청해 주세요".to_owned(),
            Self::CodeWrong { tries_left } => {
                format!("인증번호가 일치하지 않습니다. {tries_left}번 더 시도할 수 있습니다")
            }
            Self::CodeExpired => "인증번호가 만료되었거나 이미 사용되었습니다. 새 인증번호를 요청해 주세요".to_owned(),
            Self::EmailProofInvalid => "이메일을 다시 인증해 주세요".to_owned(),
            Self::EmailTaken => "이미 가입된 이메일입니다. 로그인해 주세요".to_owned(),
            Self::NicknameTaken => "이미 사용 중인 닉네임입니다".to_owned(),
            Self::PasswordTooCommon => "쉽게 추측할 수 있는 비밀번호입니다".to_owned(),
            Self::BadCredentials => "이메일 또는 비밀번호가 올바르지 않습니다".to_owned(),
            Self::AccountBanned => "관리자가 이용을 정지한 계정입니다".to_owned(),
            Self::AccountWithdrawing => "탈퇴를 신청한 계정입니다. 계속 이용하려면 탈퇴를 취소해 주세요".to_owned(),
            Self::SessionEnded => "다시 로그인해 주세요".to_owned(),
            Self::PasswordWrong => "현재 비밀번호를 다시 확인해 주세요".to_owned(),
            Self::NoAccount => "이 이메일로 가입한 계정이 없습니다".to_owned(),
            Self::SessionNotFound => "로그인 기기 목록을 다시 확인해 주세요".to_owned(),
            Self::TooManyRequests { retry_after_s } => {
                format!("요청이 너무 많습니다. {}분 후 다시 시도해 주세요", retry_after_s.div_ceil(60))
            }
            Self::TotpEnabled => "2단계 인증이 이미 켜져 있습니다".to_owned(),
            Self::TotpNotStarted => "먼저 2단계 인증 설정을 시작해 주세요".to_owned(),
            Self::TotpNotEnabled => "2단계 인증이 꺼져 있습니다".to_owned(),
            Self::TotpCodeWrong => {
                "인증번호가 올바르지 않거나 이미 사용되었습니다. 인증 앱에 지금 표시된 번호를 입력해 주세요".to_owned()
            }
            Self::RecoveryCodeWrong => "복구 코드가 올바르지 않거나 이미 사용되었습니다".to_owned(),
            Self::SecondFactorNeeded => "인증 앱에 표시된 번호도 입력해 주세요".to_owned(),
            Self::ChallengeInvalid => "시간이 지나 만료되었습니다. 처음부터 다시 로그인해 주세요".to_owned(),
            Self::ProofByPasswordNeeded => "비밀번호로 본인 확인을 해 주세요".to_owned(),
            Self::ProofByEmailNeeded => "이메일 인증번호로 본인 확인을 해 주세요".to_owned(),
            Self::TooManyAttempts { retry_after_s } => {
                format!("로그인 시도가 너무 많습니다. {}분 후 다시 시도해 주세요", retry_after_s.div_ceil(60))
            }
            Self::LoginProviderOff => "이 로그인 방법은 사용할 수 없습니다".to_owned(),
            Self::LoginUnavailable => "지금은 로그인 제공자가 응답하지 않습니다".to_owned(),
            Self::LoginCancelled => "로그인 제공자 화면에서 동의하지 않았습니다".to_owned(),
            Self::LoginFailed => "로그인을 확인할 수 없습니다. 다시 시도해 주세요".to_owned(),
            Self::CompletionInvalid => "시간이 너무 지났거나 다른 브라우저입니다. 다시 시작해 주세요".to_owned(),
            Self::LoginTaken => "다른 계정에 연결된 로그인입니다".to_owned(),
            Self::LoginLinkedAlready => "같은 제공자의 다른 로그인이 이미 연결되어 있습니다".to_owned(),
            Self::LoginNotLinked => "이 제공자의 로그인이 연결되어 있지 않습니다".to_owned(),
            Self::LastWayIn => "이 로그인을 해제하면 계정에 로그인할 방법이 없습니다".to_owned(),
            Self::SignInToLink => {
                "이미 가입된 이메일입니다. 기존 방법으로 로그인한 뒤 계정 페이지에서 연결해 주세요".to_owned()
            }
        }
    }
}

fn minutes(seconds: u32) -> String {
    match seconds.div_ceil(60) {
        1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}
