//! How sign-up and sign-in say no.

use crate::{ErrorCode, Language, ServiceError};

crate::errors! {
    /// How sign-up and sign-in say no.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum AuthError;

    CODE_TOO_SOON = "auth.code_too_soon", TooMany {
        title: "A code was sent a moment ago", "방금 인증번호를 보냈습니다";
        advice:
            "Wait as long as Retry-After says; the code that was sent still holds.",
            "Retry-After에 나온 시간만큼 기다려 주세요. 먼저 보낸 인증번호는 그대로 유효합니다.";
        /// A code was sent to this address less than a minute ago.
        CodeTooSoon {
            /// When the next may be sent, in seconds.
            retry_after_s: u32,
        },
    }

    TOO_MANY_CODES = "auth.too_many_codes", TooMany {
        title: "Too many codes were sent", "인증번호를 너무 많이 요청했습니다";
        advice: "Wait as long as Retry-After says.", "Retry-After에 나온 시간만큼 기다려 주세요.";
        /// This address, or this source, was sent too many codes.
        TooManyCodes {
            /// When the next may be sent, in seconds.
            retry_after_s: u32,
        },
    }

    CODE_WRONG = "auth.code_wrong", Unprocessable {
        title: "The code is wrong", "인증번호가 일치하지 않습니다";
        advice: "Ask the person to compare it with the newest mail.", "가장 최근에 받은 메일의 인증번호와 같은지 확인하도록 안내하세요.";
        /// The code is not the one that was sent.
        CodeWrong {
            /// How many guesses are left.
            tries_left: u32,
        },
    }

    CODE_EXPIRED = "auth.code_expired", Gone {
        title: "The code no longer holds", "인증번호가 만료되었습니다";
        advice: "Send a new code.", "새 인증번호를 보내세요.";
        /// There is no code that could be guessed: expired, used, guessed at too often, never sent.
        CodeExpired,
    }

    EMAIL_PROOF_INVALID = "auth.email_proof_invalid", Unauthenticated {
        title: "The proof of the e-mail address does not hold", "이메일 인증이 유효하지 않습니다";
        advice: "Send a new code and verify it.", "새 인증번호를 보내고 다시 확인하세요.";
        /// The proof of the address is not ours, or too old.
        EmailProofInvalid,
    }

    EMAIL_TAKEN = "auth.email_taken", Conflict {
        title: "The e-mail address has an account", "이미 가입된 이메일입니다";
        advice: "Offer to sign in.", "로그인하도록 안내하세요.";
        /// The address belongs to an account.
        EmailTaken,
    }

    NICKNAME_TAKEN = "auth.nickname_taken", Conflict {
        title: "The nickname is taken", "이미 사용 중인 닉네임입니다";
        advice: "Ask for another nickname.", "다른 닉네임을 입력하도록 안내하세요.";
        /// The nickname belongs to an account.
        NicknameTaken,
    }

    PASSWORD_TOO_COMMON = "auth.password_too_common", Unprocessable {
        title: "The password is too easy to guess", "너무 흔한 비밀번호입니다";
        advice: "Ask for another password.", "다른 비밀번호를 입력하도록 안내하세요.";
        /// The password is among the first that attackers try.
        PasswordTooCommon,
    }

    BAD_CREDENTIALS = "auth.bad_credentials", Unauthenticated {
        title: "E-mail address or password is wrong", "이메일 또는 비밀번호가 올바르지 않습니다";
        advice: "Let the person try again.", "다시 입력하도록 안내하세요.";
        /// The address or the password is wrong; which, nobody is told.
        BadCredentials,
    }

    ACCOUNT_BANNED = "auth.account_banned", Forbidden {
        title: "The account is shut", "이용이 정지된 계정입니다";
        advice: "Tell the person whom to write to.", "문의할 곳을 안내하세요.";
        /// The account was shut by an admin.
        AccountBanned,
    }

    ACCOUNT_WITHDRAWING = "auth.account_withdrawing", Conflict {
        title: "The account is about to be erased", "탈퇴 처리 중인 계정입니다";
        advice:
            "Ask whether they changed their mind, and sign in with `cancel_withdrawal` then.",
            "탈퇴를 취소할지 묻고, 취소한다면 `cancel_withdrawal`과 함께 로그인하세요.";
        /// The owner of the account asked to withdraw, and has not said that they changed their mind.
        AccountWithdrawing,
    }

    SESSION_ENDED = "auth.session_ended", Unauthenticated {
        title: "The session has ended", "로그인이 만료되었습니다";
        advice: "Sign in again.", "다시 로그인하세요.";
        /// The session has ended, or never was.
        SessionEnded,
    }

    PASSWORD_WRONG = "auth.password_wrong", Unprocessable {
        title: "The present password is wrong", "현재 비밀번호가 일치하지 않습니다";
        advice:
            "Let the person try again, or reset the password by a code to their address.",
            "다시 입력하도록 안내하거나, 이메일 인증번호로 비밀번호를 재설정하게 하세요.";
        /// The present password that was shown for a change is wrong.
        PasswordWrong,
    }

    NO_ACCOUNT = "auth.no_account", NotFound {
        title: "The address has no account", "가입되지 않은 이메일입니다";
        advice: "Offer to sign up.", "회원 가입을 안내하세요.";
        /// Nobody has an account with the address that was proved.
        NoAccount,
    }

    SESSION_NOT_FOUND = "auth.session_not_found", NotFound {
        title: "There is no such session", "존재하지 않는 로그인 기기입니다";
        advice: "Read the list of sessions again.", "로그인 기기 목록을 다시 불러오세요.";
        /// The person has no such session.
        SessionNotFound,
    }

    TOO_MANY_REQUESTS = "auth.too_many_requests", TooMany {
        title: "Too many requests", "요청이 너무 많습니다";
        advice: "Wait as long as Retry-After says.", "Retry-After에 나온 시간만큼 기다려 주세요.";
        /// Somebody asked this too often.
        TooManyRequests {
            /// When they may ask again, in seconds.
            retry_after_s: u32,
        },
    }

    TOTP_ENABLED = "auth.totp_enabled", Conflict {
        title: "Two-step sign-in is on already", "2단계 인증이 이미 켜져 있습니다";
        advice: "Turn it off first to set it up anew.", "새로 설정하려면 먼저 2단계 인증을 끄세요.";
        /// A second factor is on already.
        TotpEnabled,
    }

    TOTP_NOT_STARTED = "auth.totp_not_started", Conflict {
        title: "Two-step sign-in was not set up", "2단계 인증 설정을 시작하지 않았습니다";
        advice: "Get a secret with POST /me/totp first.", "먼저 POST /me/totp로 비밀 키를 받으세요.";
        /// No second factor was started that a code could turn on.
        TotpNotStarted,
    }

    TOTP_NOT_ENABLED = "auth.totp_not_enabled", Conflict {
        title: "Two-step sign-in is off", "2단계 인증이 꺼져 있습니다";
        advice: "There is nothing to turn off.", "이미 꺼져 있으므로 더 할 일이 없습니다.";
        /// There is no second factor that could be turned off.
        TotpNotEnabled,
    }

    SECOND_FACTOR_WRONG = "auth.second_factor_wrong", Unprocessable {
        title: "The code is wrong or was used", "인증번호가 올바르지 않거나 이미 사용되었습니다";
        advice:
            "Ask for the code that the app shows now, or for another recovery code.",
            "인증 앱에 지금 표시된 번호나 다른 복구 코드를 입력하도록 안내하세요.";
        /// The code of the authenticator app is wrong, or was used before.
        TotpCodeWrong,
        /// The recovery code is wrong, or was used before.
        RecoveryCodeWrong,
    }

    SECOND_FACTOR_NEEDED = "auth.second_factor_needed", Unprocessable {
        title: "A code of the second factor is needed", "2단계 인증이 필요합니다";
        advice: "Send `code` or `recovery_code` as well.", "`code` 또는 `recovery_code`도 함께 보내세요.";
        /// The person's sign-in asks for a second factor, and so does this.
        SecondFactorNeeded,
    }

    CHALLENGE_INVALID = "auth.challenge_invalid", Unauthenticated {
        title: "The first step of signing in no longer holds", "로그인 첫 단계가 만료되었습니다";
        advice: "Begin again with address and password.", "이메일과 비밀번호 입력부터 다시 시작하세요.";
        /// The first step of signing in is too long ago, or its word is not ours.
        ChallengeInvalid,
    }

    FRESH_PROOF_NEEDED = "auth.fresh_proof_needed", Unprocessable {
        title: "A fresh proof is needed that it is you", "본인 확인이 필요합니다";
        advice:
            "Send `current_password`; for people who have none, `email_proof` for the purpose `confirm`.",
            "`current_password`를 보내세요. 비밀번호가 없는 회원은 용도가 `confirm`인 `email_proof`를 보냅니다.";
        /// The person has a password, and has to prove by it that it is them.
        ProofByPasswordNeeded,
        /// The person has no password, and has to prove by a code that their address is theirs.
        ProofByEmailNeeded,
    }

    TOO_MANY_ATTEMPTS = "auth.too_many_attempts", TooMany {
        title: "Too many attempts to sign in", "로그인 시도가 너무 많습니다";
        advice: "Wait as long as Retry-After says.", "Retry-After에 나온 시간만큼 기다려 주세요.";
        /// Too many attempts to sign in.
        TooManyAttempts {
            /// When the next may be made, in seconds.
            retry_after_s: u32,
        },
    }

    LOGIN_PROVIDER_OFF = "auth.login_provider_off", NotFound {
        title: "Nobody signs in with this provider here", "사용할 수 없는 로그인 방법입니다";
        advice: "Offer another way to sign in.", "다른 로그인 방법을 안내하세요.";
        /// Nobody signs in with this provider here.
        LoginProviderOff,
    }

    LOGIN_UNAVAILABLE = "auth.login_unavailable", Unavailable {
        title: "The login provider does not answer", "로그인 제공자가 응답하지 않습니다";
        advice: "Let the person try again, or sign in another way.", "다시 시도하거나 다른 방법으로 로그인하도록 안내하세요.";
        /// The provider is in trouble.
        LoginUnavailable,
    }

    LOGIN_CANCELLED = "auth.login_cancelled", Conflict {
        title: "The login was cancelled", "로그인이 취소되었습니다";
        advice: "Show the ways to sign in again.", "로그인 방법을 다시 보여 주세요.";
        /// The person did not want to, at the provider.
        LoginCancelled,
    }

    LOGIN_FAILED = "auth.login_failed", Unauthenticated {
        title: "The login did not work", "로그인에 실패했습니다";
        advice: "Let the person try again.", "다시 시도하도록 안내하세요.";
        /// What came back from the provider is not what was asked for. Why, only the log knows.
        LoginFailed,
    }

    COMPLETION_INVALID = "auth.completion_invalid", Unauthenticated {
        title: "The login must be begun again", "로그인을 다시 시작해 주세요";
        advice: "Begin at the provider again, in this browser.", "이 브라우저에서 로그인 제공자 화면부터 다시 시작하세요.";
        /// What the provider's word was sealed in is not ours, not this browser's, or too old.
        CompletionInvalid,
    }

    LOGIN_TAKEN = "auth.login_taken", Conflict {
        title: "The login belongs to another account", "다른 계정에 연결된 로그인입니다";
        advice: "Sign in with it, or use another account at the provider.", "그 로그인으로 로그인하거나, 제공자의 다른 계정을 사용하세요.";
        /// The account at the provider is somebody else's way in.
        LoginTaken,
    }

    LOGIN_LINKED_ALREADY = "auth.login_linked_already", Conflict {
        title: "A login of this provider is linked already", "이미 연결된 로그인이 있습니다";
        advice: "Unlink the other one first.", "먼저 연결된 로그인을 해제하세요.";
        /// The person has a login of this provider, another one.
        LoginLinkedAlready,
    }

    LOGIN_NOT_LINKED = "auth.login_not_linked", NotFound {
        title: "No login of this provider is linked", "연결된 로그인이 없습니다";
        advice: "Read the list of logins again.", "연결된 로그인 목록을 다시 불러오세요.";
        /// The person has no login of this provider.
        LoginNotLinked,
    }

    LAST_WAY_IN = "auth.last_way_in", Conflict {
        title: "This is the last way into the account", "마지막 남은 로그인 방법입니다";
        advice: "Set a password or link another login first.", "먼저 비밀번호를 설정하거나 다른 로그인을 연결하세요.";
        /// There would be no way into the account any more.
        LastWayIn,
    }

    SIGN_IN_TO_LINK = "auth.sign_in_to_link", Conflict {
        title: "Sign in before linking the login", "기존 계정으로 먼저 로그인해 주세요";
        advice:
            "Let the person sign in as usual, and link the login on the page of their account.",
            "기존 방법으로 로그인한 뒤 계정 페이지에서 연결하도록 안내하세요.";
        /// The address has an account that is entered in more than one step: its owner goes in that way
        /// first.
        SignInToLink,
    }
}

impl ServiceError for AuthError {
    fn code(&self) -> ErrorCode {
        self.entry()
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
