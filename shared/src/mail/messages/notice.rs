//! Mails that tell people what happened to their account.

use domain::{Language, Timestamp, auth::Notice, timestamp::Seconds};

use super::{super::MailText, SOFT, button, escape, frame};

/// The mail that tells of something that happened at this moment. `site` is the site's origin.
#[must_use]
pub fn notice(language: Language, what: &Notice, at: Timestamp, site: &str) -> MailText {
    let (subject, happened) = match language {
        Language::English => in_english(what),
        Language::Korean => in_korean(what),
    };
    let when = minute(language, at);
    let (time, not_you, open) = match language {
        Language::English => (format!("When: {when}"), was_it_you_in_english(what), "Your account"),
        Language::Korean => (format!("시각: {when}"), was_it_you_in_korean(what), "내 계정"),
    };
    let link = format!("{site}/account.html");
    MailText {
        subject: subject.to_owned(),
        text: format!("{happened}\n\n{time}\n\n{not_you}\n\n{open}: {link}\n"),
        html: frame(
            language,
            subject,
            &format!(
                "<p>{}</p><p style=\"{SOFT}\">{time}</p><p>{not_you}</p>{}",
                escape(&happened),
                button(&link, open)
            ),
        ),
    }
}

/// A moment as the reader's clock shows it, to the minute: in Korea there is one zone, nine hours
/// ahead all the year.
fn minute(language: Language, at: Timestamp) -> String {
    let (at, zone) = match language {
        Language::English => (at, "UTC"),
        Language::Korean => (at.plus(Seconds::hours(9)), "한국 시간"),
    };
    let text = at.to_string().chars().take(16).collect::<String>().replace('T', " ");
    format!("{text} ({zone})")
}

fn in_english(what: &Notice) -> (&'static str, String) {
    match what {
        Notice::Welcome => (
            "Welcome to Jangteo",
            "Your account is ready. You can buy and sell from now on.".to_owned(),
        ),
        Notice::PasswordChanged => (
            "Your password was changed",
            "The password of your account was changed. All other devices were signed out.".to_owned(),
        ),
        Notice::NewDevice { device } => (
            "A new device signed in",
            format!("Somebody signed in to your account on a device that we had not seen before: {device}."),
        ),
        Notice::TotpEnabled => (
            "Two-step sign-in is on",
            "Signing in to your account asks for a code of your authenticator app from now on. All other devices were signed out. Keep the recovery codes where you find them without your phone.".to_owned(),
        ),
        Notice::TotpDisabled => (
            "Two-step sign-in is off",
            "Signing in to your account no longer asks for a code. Your recovery codes are void.".to_owned(),
        ),
        Notice::RecoveryCodeUsed { left } => (
            "A recovery code was used",
            match left {
                0 => "Somebody signed in to your account with your last recovery code. Turn two-step sign-in off and on again to get new ones.".to_owned(),
                1 => "Somebody signed in to your account with a recovery code. One is left.".to_owned(),
                left => format!("Somebody signed in to your account with a recovery code. {left} are left."),
            },
        ),
        Notice::LoginLinked { provider } => {
            ("A login was linked", format!("Your account can be signed in to with {provider} from now on."))
        }
        Notice::LoginUnlinked { provider } => {
            ("A login was removed", format!("Your account can no longer be signed in to with {provider}."))
        }
        Notice::WithdrawalPlanned { erase_at } => (
            "Your account will be erased",
            format!(
                "You asked to withdraw. Everything about you is erased at {}. Until then you can sign in and change your mind.",
                minute(Language::English, *erase_at)
            ),
        ),
        Notice::WithdrawalCancelled => {
            ("Your account stays", "Your withdrawal was cancelled. Everything is as it was.".to_owned())
        }
    }
}

fn in_korean(what: &Notice) -> (&'static str, String) {
    match what {
        Notice::Welcome => (
            "장터에 오신 것을 환영합니다",
            "회원가입이 완료되었습니다. 이제 물건을 사고팔 수 있습니다.".to_owned(),
        ),
        Notice::PasswordChanged => (
            "비밀번호가 변경되었습니다",
            "계정의 비밀번호가 변경되었습니다. 다른 기기에서는 모두 로그아웃되었습니다.".to_owned(),
        ),
        Notice::NewDevice { device } => {
            ("새 기기에서 로그인했습니다", format!("처음 보는 기기에서 계정에 로그인했습니다: {device}"))
        }
        Notice::TotpEnabled => (
            "2단계 인증을 켰습니다",
            "이제 로그인할 때 인증 앱의 인증번호도 입력해야 합니다. 다른 기기에서는 모두 로그아웃되었습니다. 복구 코드는 휴대폰 없이도 찾을 수 있는 곳에 보관해 주세요.".to_owned(),
        ),
        Notice::TotpDisabled => (
            "2단계 인증을 껐습니다",
            "이제 로그인할 때 인증번호를 묻지 않습니다. 복구 코드도 더 이상 쓸 수 없습니다.".to_owned(),
        ),
        Notice::RecoveryCodeUsed { left } => (
            "복구 코드가 사용되었습니다",
            match left {
                0 => "마지막 복구 코드로 로그인했습니다. 2단계 인증을 껐다가 다시 켜면 새 복구 코드를 받을 수 있습니다.".to_owned(),
                left => format!("복구 코드로 로그인했습니다. 남은 복구 코드는 {left}개입니다."),
            },
        ),
        Notice::LoginLinked { provider } => {
            ("소셜 로그인이 연결되었습니다", format!("이제 {provider} 계정으로도 로그인할 수 있습니다."))
        }
        Notice::LoginUnlinked { provider } => {
            ("소셜 로그인 연결이 해제되었습니다", format!("더 이상 {provider} 계정으로 로그인할 수 없습니다."))
        }
        Notice::WithdrawalPlanned { erase_at } => (
            "탈퇴 신청이 접수되었습니다",
            format!(
                "{}에 모든 개인정보가 삭제됩니다. 그 전에 로그인하면 탈퇴를 취소할 수 있습니다.",
                minute(Language::Korean, *erase_at)
            ),
        ),
        Notice::WithdrawalCancelled => {
            ("탈퇴가 취소되었습니다", "탈퇴 신청이 취소되었습니다. 계정은 그대로입니다.".to_owned())
        }
    }
}

/// Whoever signed up knew the code that was mailed to this address; whoever did the rest was signed
/// in, or knew the password.
const fn was_it_you_in_english(what: &Notice) -> &'static str {
    match what {
        Notice::Welcome => "If it was not you who signed up, somebody else reads your mail: set a new password there.",
        Notice::WithdrawalPlanned { .. } => {
            "If it was not you, sign in now, cancel the withdrawal, and set a new password."
        }
        _ => "If it was not you, set a new password now: that signs out every device.",
    }
}

const fn was_it_you_in_korean(what: &Notice) -> &'static str {
    match what {
        Notice::Welcome => {
            "직접 가입하지 않으셨다면 다른 사람이 이 메일함을 볼 수 있다는 뜻입니다. 메일 계정의 비밀번호를 바꿔 주세요."
        }
        Notice::WithdrawalPlanned { .. } => "본인이 아니라면 지금 로그인해서 탈퇴를 취소하고 비밀번호를 바꿔 주세요.",
        _ => "본인이 아니라면 지금 바로 비밀번호를 재설정해 주세요. 모든 기기에서 로그아웃됩니다.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Timestamp = Timestamp::from_seconds(1_795_251_600);

    fn all() -> Vec<Notice> {
        let provider = || "Google".to_owned();
        vec![
            Notice::Welcome,
            Notice::PasswordChanged,
            Notice::NewDevice { device: "Chrome on Android".to_owned() },
            Notice::TotpEnabled,
            Notice::TotpDisabled,
            Notice::RecoveryCodeUsed { left: 9 },
            Notice::RecoveryCodeUsed { left: 1 },
            Notice::RecoveryCodeUsed { left: 0 },
            Notice::LoginLinked { provider: provider() },
            Notice::LoginUnlinked { provider: provider() },
            Notice::WithdrawalPlanned { erase_at: AT },
            Notice::WithdrawalCancelled,
        ]
    }

    #[test]
    fn every_notice_speaks_both_languages_in_both_forms() {
        for what in all() {
            let english = notice(Language::English, &what, AT, "https://shop.example");
            let korean = notice(Language::Korean, &what, AT, "https://shop.example");
            assert!(english.subject.is_ascii() && english.text.is_ascii(), "{english:?}");
            assert!(korean.text.chars().any(|c| ('가'..='힣').contains(&c)), "{korean:?}");
            for (mail, when) in [(english, "2026-11-21 09:00 (UTC)"), (korean, "2026-11-21 18:00 (한국 시간)")] {
                assert!(!mail.subject.contains(['\r', '\n']) && !mail.subject.is_empty());
                assert!(mail.text.contains(when) && mail.html.contains(when), "{mail:?}");
                assert!(mail.html.contains("https://shop.example/account.html"), "{mail:?}");
            }
        }
    }

    #[test]
    fn attack_64_65_what_a_device_calls_itself_is_escaped_and_in_no_subject() {
        let what = Notice::NewDevice { device: "<img src=x>\r\nBcc: a@b.c".to_owned() };
        let mail = notice(Language::English, &what, AT, "https://shop.example");
        assert!(!mail.html.contains("<img") && mail.html.contains("&lt;img"), "{}", mail.html);
        assert!(!mail.subject.contains("img") && !mail.subject.contains(['\r', '\n']));
    }
}
