//! Mails that tell people what happened to their account.

use domain::{Language, Timestamp, auth::Notice};

use super::{super::MailText, escape, frame};

/// The mail that tells of something that happened at this moment. `site` is the site's origin.
#[must_use]
pub fn notice(language: Language, what: &Notice, at: Timestamp, site: &str) -> MailText {
    let (subject, happened) = match language {
        Language::English => in_english(what),
        Language::Korean => in_korean(what),
    };
    let when = minute(at);
    let (time, not_you) = match language {
        Language::English => (format!("Time: {when} UTC"), was_it_you_in_english(what)),
        Language::Korean => (format!("시각: {when} (UTC)"), was_it_you_in_korean(what)),
    };
    let (link, open) =
        (format!("{site}/account.html"), if language == Language::Korean { "내 계정" } else { "Your account" });
    MailText {
        subject: subject.to_owned(),
        text: format!("{happened}\n\n{time}\n\n{not_you}\n\n{open}: {link}\n"),
        html: frame(
            language,
            &format!(
                "<p>{}</p><p>{time}</p><p>{not_you}</p><p><a href=\"{}\">{open}</a></p>",
                escape(&happened),
                escape(&link)
            ),
        ),
    }
}

/// `2026-11-21 09:00`.
fn minute(at: Timestamp) -> String {
    at.to_string().chars().take(16).collect::<String>().replace('T', " ")
}

fn in_english(what: &Notice) -> (&'static str, String) {
    match what {
        Notice::Welcome => ("Welcome to Jangteo", "Your account is ready.".to_owned()),
        Notice::PasswordChanged => (
            "Your password was changed",
            "The password of your account was changed. All other devices were signed out.".to_owned(),
        ),
        Notice::NewDevice { device } => {
            ("A new device signed in", format!("Somebody signed in to your account from a new device: {device}."))
        }
        Notice::TotpEnabled => (
            "Two-step sign-in is on",
            "Signing in to your account asks for a code of your authenticator app from now on.".to_owned(),
        ),
        Notice::TotpDisabled => {
            ("Two-step sign-in is off", "Signing in to your account asks for your password alone.".to_owned())
        }
        Notice::RecoveryCodeUsed { left } => {
            ("A recovery code was used", format!("Somebody signed in with a recovery code. {left} are left."))
        }
        Notice::LoginLinked { provider } => {
            ("A login was linked", format!("Your account can be signed in to with {provider} from now on."))
        }
        Notice::LoginUnlinked { provider } => {
            ("A login was removed", format!("Your account can no longer be signed in to with {provider}."))
        }
        Notice::WithdrawalPlanned { erase_at } => (
            "Your account will be erased",
            format!(
                "You asked to withdraw. Everything about you is erased on {} UTC. Until then you can sign in and change your mind.",
                minute(*erase_at)
            ),
        ),
        Notice::WithdrawalCancelled => {
            ("Your account stays", "Your withdrawal was cancelled. Everything is as it was.".to_owned())
        }
    }
}

fn in_korean(what: &Notice) -> (&'static str, String) {
    match what {
        Notice::Welcome => ("장터에 오신 것을 환영합니다", "회원가입이 완료되었습니다.".to_owned()),
        Notice::PasswordChanged => (
            "비밀번호가 변경되었습니다",
            "계정의 비밀번호가 변경되었습니다. 다른 기기에서는 모두 로그아웃되었습니다.".to_owned(),
        ),
        Notice::NewDevice { device } => {
            ("새 기기에서 로그인했습니다", format!("새 기기에서 계정에 로그인했습니다: {device}"))
        }
        Notice::TotpEnabled => {
            ("2단계 인증을 켰습니다", "이제 로그인할 때 인증 앱의 인증번호도 입력해야 합니다.".to_owned())
        }
        Notice::TotpDisabled => ("2단계 인증을 껐습니다", "이제 비밀번호만으로 로그인합니다.".to_owned()),
        Notice::RecoveryCodeUsed { left } => {
            ("복구 코드가 사용되었습니다", format!("복구 코드로 로그인했습니다. 남은 코드는 {left}개입니다."))
        }
        Notice::LoginLinked { provider } => {
            ("소셜 로그인이 연결되었습니다", format!("이제 {provider} 계정으로도 로그인할 수 있습니다."))
        }
        Notice::LoginUnlinked { provider } => {
            ("소셜 로그인 연결이 해제되었습니다", format!("더 이상 {provider} 계정으로 로그인할 수 없습니다."))
        }
        Notice::WithdrawalPlanned { erase_at } => (
            "탈퇴 신청이 접수되었습니다",
            format!(
                "{} (UTC)에 모든 개인정보가 삭제됩니다. 그 전에 로그인하면 탈퇴를 취소할 수 있습니다.",
                minute(*erase_at)
            ),
        ),
        Notice::WithdrawalCancelled => {
            ("탈퇴가 취소되었습니다", "탈퇴 신청이 취소되었습니다. 계정은 그대로입니다.".to_owned())
        }
    }
}

const fn was_it_you_in_english(what: &Notice) -> &'static str {
    match what {
        Notice::Welcome => "If it was not you who signed up, tell us by answering to this mail.",
        _ => "If it was not you, set a new password now: that signs out every device.",
    }
}

const fn was_it_you_in_korean(what: &Notice) -> &'static str {
    match what {
        Notice::Welcome => "본인이 가입하지 않았다면 이 메일에 회신해 주세요.",
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
            for mail in [english, korean] {
                assert!(!mail.subject.contains(['\r', '\n']) && !mail.subject.is_empty());
                assert!(mail.text.contains("2026-11-21 09:00") && mail.html.contains("2026-11-21 09:00"), "{mail:?}");
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
