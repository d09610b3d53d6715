//! The HTML of the pages, in Korean and English.

use domain::Language;

use crate::{
    login::{Account, Provider, Refusal, Simulator, authorize::can_be_left_out},
    web::{escaped, frame, origin_of, pick},
};

/// What a scope lets the site know, in both languages.
const SCOPES: [(&str, [&str; 2]); 6] = [
    ("openid", ["Who you are here", "로그인 정보"]),
    ("email", ["Your e-mail address", "이메일 주소"]),
    ("profile", ["Your name and picture", "이름과 프로필 사진"]),
    ("profile_nickname", ["Your nickname", "닉네임"]),
    ("profile_image", ["Your picture", "프로필 사진"]),
    ("account_email", ["Your e-mail address", "카카오계정(이메일)"]),
];

/// The account chooser.
pub(super) fn choose(simulator: &Simulator, request: &str, accounts: &[Account], language: Language) -> String {
    let rows: String = accounts.iter().map(|account| row(account, language)).collect();
    let hidden = hidden(request);
    let is_kakao = simulator.provider == Provider::Kakao;
    let valid = if is_kakao {
        tick("email_valid", pick(language, "The address is still theirs", "유효한 이메일"))
    } else {
        String::new()
    };
    let content = format!(
        "<form method=\"post\" action=\"{path}/choose\">\n{hidden}{rows}</form>\n\
         <details><summary>{other}</summary>\n<form method=\"post\" action=\"{path}/choose\">\n{hidden}\
         <label>{email}<input name=\"email\" type=\"email\" maxlength=\"254\" autocomplete=\"off\"{required}></label>\n\
         <label>{name}<input name=\"name\" maxlength=\"100\" autocomplete=\"off\" required></label>\n\
         {verified}{valid}<button class=\"main\" type=\"submit\">{go_on}</button>\n</form></details>\n{cancel}",
        path = path(simulator),
        other = pick(language, "Another account", "다른 계정 사용"),
        email = pick(language, "E-mail address", "이메일 주소"),
        required = if is_kakao { "" } else { " required" },
        name = pick(language, "Name", "이름"),
        verified = tick("email_verified", pick(language, "The address is verified", "인증된 이메일")),
        go_on = pick(language, "Continue", "계속"),
        cancel = cancel(simulator, request, language),
    );
    whole(simulator, request, pick(language, "Choose an account", "계정 선택"), &content, language)
}

fn row(account: &Account, language: Language) -> String {
    let email = account.email.as_deref().unwrap_or(pick(language, "no address", "이메일 없음"));
    let remark = match account {
        Account { email: None, .. } => "",
        Account { email_valid: false, .. } => pick(language, "address went to another account", "유효하지 않음"),
        Account { email_verified: false, .. } => pick(language, "not verified", "인증되지 않음"),
        Account { hosted_domain: Some(_), .. } => "Workspace",
        _ => pick(language, "verified", "인증됨"),
    };
    format!(
        "<button class=\"account\" name=\"account\" value=\"{subject}\"><b aria-hidden=\"true\">{initial}</b>\
         <span><strong>{name}</strong><small>{email}</small></span><em>{remark}</em></button>\n",
        subject = escaped(&account.subject),
        initial = escaped(&account.initial()),
        name = escaped(&account.name),
        email = escaped(email),
    )
}

/// What the site may know.
pub(super) fn consent(
    simulator: &Simulator,
    request: &str,
    account: &Account,
    scopes: &[String],
    language: Language,
) -> String {
    let item = |scope: &String| {
        let text = SCOPES.iter().find(|(known, _)| known == scope).map_or(scope.as_str(), |(_, [english, korean])| {
            match language {
                Language::English => english,
                Language::Korean => korean,
            }
        });
        let can_be_left_out = can_be_left_out(simulator.provider, scope);
        // What is not sent when it is ticked needs no name.
        let input = if can_be_left_out {
            format!("<input type=\"checkbox\" name=\"agree\" value=\"{}\" checked>", escaped(scope))
        } else {
            "<input type=\"checkbox\" checked disabled>".to_owned()
        };
        let remark =
            if can_be_left_out { pick(language, "optional", "선택") } else { pick(language, "required", "필수") };
        format!("<label class=\"tick\">{input}<span>{}</span><em>{remark}</em></label>\n", escaped(text))
    };
    let items: String = scopes.iter().map(item).collect();
    let content = format!(
        "<p class=\"who\"><b aria-hidden=\"true\">{initial}</b>{name}</p>\n\
         <form method=\"post\" action=\"{path}/consent\">\n{hidden}\
         <input type=\"hidden\" name=\"account\" value=\"{subject}\">\n\
         <fieldset><legend>{legend}</legend>\n{items}</fieldset>\n\
         <button class=\"main\" type=\"submit\" name=\"decision\" value=\"allow\">{allow}</button>\n</form>\n{cancel}",
        initial = escaped(&account.initial()),
        name = escaped(&account.name),
        path = path(simulator),
        hidden = hidden(request),
        subject = escaped(&account.subject),
        legend = pick(language, "The site will know", "제공 정보"),
        allow = pick(language, "Agree and continue", "동의하고 계속하기"),
        cancel = cancel(simulator, request, language),
    );
    whole(simulator, request, pick(language, "Continue to the site", "서비스 동의"), &content, language)
}

/// What is wrong, with the provider's code, as developers meet it.
pub(super) fn problem(simulator: &Simulator, refusal: &Refusal, language: Language) -> String {
    let title = match simulator.provider {
        Provider::Google => pick(language, "Access blocked: this request is not valid", "액세스 차단됨: 요청이 잘못됨"),
        Provider::Kakao => pick(language, "The site is not set up right", "앱 관리자 설정 오류"),
    };
    let code = match simulator.provider {
        Provider::Google => format!("Error {}: {}", refusal.status, refusal.code),
        Provider::Kakao => refusal.code.to_owned(),
    };
    let content = format!(
        "<div class=\"{}\">{}<h1>{title}</h1><p class=\"code\">{}</p><p>{}</p></div>",
        simulator.provider.name(),
        brand(simulator, language),
        escaped(&code),
        escaped(&refusal.message)
    );
    frame(language, title, &format!("{}/style.css", path(simulator)), &content)
}

/// Somebody's picture.
pub(in crate::login) fn picture(account: &Account) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\" width=\"96\" height=\"96\">\
         <circle cx=\"48\" cy=\"48\" r=\"48\" fill=\"#5f6b7a\"/><text x=\"48\" y=\"48\" dy=\".36em\" fill=\"#fff\" \
         font-family=\"sans-serif\" font-size=\"44\" text-anchor=\"middle\">{}</text></svg>",
        escaped(&account.initial())
    )
}

fn whole(simulator: &Simulator, request: &str, title: &str, content: &str, language: Language) -> String {
    let site = simulator.asked(request).ok().and_then(|asked| origin_of(&asked.redirect_uri)).unwrap_or_default();
    let site = site.split_once("://").map_or(site.as_str(), |(_, site)| site);
    let content = format!(
        "<div class=\"{provider}\">\n{brand}<h1>{title}</h1><p class=\"site\">{site}</p>\n{content}\n\
         <p class=\"note\">{note}</p>\n</div>",
        provider = simulator.provider.name(),
        brand = brand(simulator, language),
        title = escaped(title),
        site = escaped(site),
        note = pick(language, "Nobody's real account is here.", "실제 계정이 아닙니다."),
    );
    frame(language, title, &format!("{}/style.css", path(simulator)), &content)
}

fn brand(simulator: &Simulator, language: Language) -> String {
    let name = match simulator.provider {
        Provider::Google => "Google",
        Provider::Kakao => pick(language, "Kakao", "카카오"),
    };
    format!(
        "<header><p class=\"brand\">{name} <span>{}</span></p></header>\n",
        pick(language, "simulator", "시뮬레이터")
    )
}

fn cancel(simulator: &Simulator, request: &str, language: Language) -> String {
    format!(
        "<form method=\"post\" action=\"{}/consent\">\n{}\
         <button class=\"close\" type=\"submit\" name=\"decision\" value=\"cancel\">{}</button>\n</form>",
        path(simulator),
        hidden(request),
        pick(language, "Cancel", "취소")
    )
}

fn hidden(request: &str) -> String {
    format!("<input type=\"hidden\" name=\"request\" value=\"{}\">\n", escaped(request))
}

fn tick(name: &str, text: &str) -> String {
    format!(
        "<label class=\"tick\"><input type=\"checkbox\" name=\"{name}\" value=\"true\" checked><span>{text}</span></label>\n"
    )
}

/// The path of the issuer, which the simulator may be mounted anywhere below.
fn path(simulator: &Simulator) -> String {
    let issuer = simulator.issuer();
    let origin = origin_of(&issuer).unwrap_or_default();
    escaped(issuer.strip_prefix(&origin).unwrap_or_default())
}
