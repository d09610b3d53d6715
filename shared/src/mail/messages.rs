//! The mails that we send, in Korean and English.
//!
//! One frame holds every mail: the subject as a heading, a few lines, at most one button. What comes
//! from people is escaped on its way into HTML; nothing of it reaches a subject.

use domain::{Language, auth::CodePurpose};

use super::MailText;

mod notice;
mod order;

pub use notice::notice;
pub use order::{OrderNews, Parcel, order};

/// The mail with a code.
#[must_use]
pub fn code(language: Language, purpose: CodePurpose, digits: &str) -> MailText {
    let lead = match (purpose, language) {
        (CodePurpose::SignUp, Language::English) => "Type this code to sign up:",
        (CodePurpose::SignUp, Language::Korean) => "회원가입 화면에 아래 인증번호를 입력해 주세요.",
        (CodePurpose::PasswordReset, Language::English) => "Type this code to set a new password:",
        (CodePurpose::PasswordReset, Language::Korean) => "비밀번호 재설정 화면에 아래 인증번호를 입력해 주세요.",
        (CodePurpose::Confirm, Language::English) => "Type this code to confirm that it is you:",
        (CodePurpose::Confirm, Language::Korean) => "본인 확인 화면에 아래 인증번호를 입력해 주세요.",
    };
    let (subject, rest) = match language {
        Language::English => (
            "Your Jangteo code",
            "It is valid for 10 minutes. Do not share it: we never ask for it. If you did not ask for it, you can ignore this mail.",
        ),
        Language::Korean => (
            "장터 인증번호",
            "인증번호는 10분 동안 유효합니다. 다른 사람에게 알려 주지 마세요. 직접 요청하지 않으셨다면 이 메일을 무시하셔도 됩니다.",
        ),
    };
    MailText {
        subject: subject.to_owned(),
        text: format!("{lead}\n\n{digits}\n\n{rest}\n"),
        html: frame(
            language,
            subject,
            &format!(
                "<p>{lead}</p><p style=\"margin:24px 0;font-size:32px;font-weight:700;letter-spacing:8px;white-space:nowrap\">{digits}</p>\
                 <p style=\"{SOFT}\">{rest}</p>"
            ),
        ),
    }
}

/// The style of what is there for completeness' sake.
const SOFT: &str = "color:#57534e;font-size:14px";

/// A page of its own, since mail programs take nothing from elsewhere: styles stand where they apply,
/// no picture, no font. 480 pixels at most, and less on a telephone.
fn frame(language: Language, subject: &str, content: &str) -> String {
    let (tag, brand) = match language {
        Language::English => (language.tag(), "Jangteo"),
        Language::Korean => (language.tag(), "장터"),
    };
    format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{subject}</title></head>\
         <body style=\"margin:0;padding:24px 16px;background:#f5f5f4;color:#1c1917;font:16px/1.6 -apple-system,'Apple SD Gothic Neo','Malgun Gothic','Noto Sans KR',sans-serif;word-break:keep-all;overflow-wrap:break-word\">\
         <div style=\"max-width:480px;margin:0 auto;padding:24px;background:#ffffff;border-radius:12px\">\
         <p style=\"margin:0 0 16px;{SOFT}\">{brand}</p>\
         <h1 style=\"margin:0 0 16px;font-size:20px;line-height:1.4\">{subject}</h1>{content}</div></body></html>"
    )
}

/// The one thing that a mail asks to do.
fn button(link: &str, text: &str) -> String {
    format!(
        "<p style=\"margin:24px 0 0\"><a href=\"{}\" style=\"display:inline-block;padding:12px 20px;background:#1c1917;color:#ffffff;border-radius:8px;text-decoration:none;font-weight:600\">{text}</a></p>",
        escape(link)
    )
}

/// Text as HTML shows it.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_64_no_subject_has_a_line_break() {
        for language in [Language::English, Language::Korean] {
            assert!(!code(language, CodePurpose::SignUp, "042137").subject.contains(['\r', '\n']));
        }
    }

    #[test]
    fn a_code_mail_has_the_code_in_both_forms_and_not_in_the_subject() {
        let mail = code(Language::Korean, CodePurpose::SignUp, "042137");
        assert!(mail.text.contains("042137") && mail.html.contains("042137"));
        assert!(!mail.subject.contains("042137"));
        assert!(mail.html.contains("lang=\"ko\""));
    }
}
