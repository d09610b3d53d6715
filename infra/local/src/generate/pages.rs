//! The pages in docs/ that are generated: ROUTES, ERRORS, KEYS, PROCESSES.

use std::fmt::Write as _;

use domain::processes::{payment::PAYMENT, sell::SELL};
use shared::{
    api::{Idempotency, Touch, Trigger, caller::Access, host::EndpointFace, problem::status_of},
    store::{Index, KINDS},
};

use super::{Function, Generated, Inventory, binaries::NOTICE, errors, touches};

/// The four pages.
#[must_use]
pub fn files(inventory: &Inventory) -> Vec<Generated> {
    vec![
        Generated::new("docs/ROUTES.md", routes(inventory)),
        Generated::new("docs/ERRORS.md", errors_page(inventory)),
        Generated::new("docs/KEYS.md", keys(inventory)),
        Generated::new("docs/PROCESSES.md", processes()),
    ]
}

fn head(title: &str, what: &str) -> String {
    format!("<!-- {NOTICE} -->\n\n# {title}\n\n{what}\n")
}

const fn access_text(access: Access) -> &'static str {
    match access {
        Access::Public => "anyone",
        Access::PublicOrUser => "anyone; members are recognized",
        Access::User => "members",
        Access::StoreMember => "members of the store",
        Access::StoreOwner => "owners of the store",
        Access::Admin => "admins",
        Access::SameSite => "anyone, but no other site's pages",
        Access::UserOrGuest => "members; guests with the order's secret",
        Access::Hint => "anyone: an unsigned webhook",
        Access::Signed => "a provider that signs its webhooks",
    }
}

fn routes(inventory: &Inventory) -> String {
    let mut text = head(
        "Routes",
        "Everything that the world can ask, and everything that happens by itself.\n\
         A change of the API is a change of this page.\n\
         All addresses lie below `/api` on the site.",
    );
    for service in &inventory.services {
        let endpoints: Vec<&EndpointFace> =
            inventory.endpoints.iter().filter(|endpoint| endpoint.service == *service).collect();
        if endpoints.is_empty() {
            continue;
        }
        let _ = write!(
            text,
            "\n## {service}\n\n| address | what it does | who | answers | idempotency key | memory MB | time-out s | id |\n\
             |---|---|---|---|---|---|---|---|\n"
        );
        for endpoint in endpoints {
            text.push_str(&route_row(endpoint));
        }
    }
    if let Some(endpoint) = &inventory.default_route {
        let _ = write!(
            text,
            "\n## Every other address\n\n`{}` answers: 405 with `Allow` where the address takes another method, else 404.\n",
            endpoint.route.id
        );
    }
    let _ = write!(
        text,
        "\n## What happens by itself\n\n| id | when | what it does | memory MB | time-out s |\n|---|---|---|---|---|\n"
    );
    for job in &inventory.jobs {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            job.route.id,
            trigger_text(job.route.trigger),
            job.route.summary,
            job.route.memory_mb,
            job.route.time_out_s
        );
    }
    text
}

fn route_row(endpoint: &EndpointFace) -> String {
    let route = &endpoint.route;
    let statuses: Vec<String> = endpoint.statuses.iter().map(u16::to_string).collect();
    let key = if route.idempotency == Idempotency::Required { "required" } else { "" };
    format!(
        "| `{} {}` | {} | {} | {} | {key} | {} | {} | `{}` |\n",
        route.method.as_str(),
        route.path,
        route.summary,
        access_text(endpoint.access),
        statuses.join(", "),
        route.memory_mb,
        route.time_out_s,
        route.id
    )
}

fn trigger_text(trigger: Trigger) -> String {
    match trigger {
        Trigger::EveryMinutes(1) => "every minute".to_owned(),
        Trigger::EveryMinutes(minutes) => format!("every {minutes} minutes"),
        Trigger::NewItems(kind) => format!("a new `{}` in the table", kind.as_str()),
        Trigger::Upload => "a file was uploaded below `raw/`".to_owned(),
        Trigger::Events { source, detail_types } => format!("`{source}` says: {}", detail_types.join(", ")),
    }
}

fn errors_page(inventory: &Inventory) -> String {
    let mut text = head(
        "Errors",
        "Every refusal is `application/problem+json` (RFC 9457). Programs decide by `code`: it is never renamed and \
         never used for anything else.\n\
         `title` is the same each time, in the reader's language; `detail` says what happened this time.",
    );
    for (code, (entry, endpoints)) in errors::catalogue(inventory) {
        let _ = write!(
            text,
            "\n<a id=\"{code}\"></a>\n\n## `{code}`\n\n{}: {} · {}\n\n{}\n\n{}\n",
            status_of(entry.class),
            entry.title,
            entry.title_ko,
            entry.advice,
            entry.advice_ko
        );
        for member in entry.members {
            let values: Vec<String> = member.values.iter().map(|value| format!("`{value}`")).collect();
            let _ = write!(text, "\nMember `{}`: {} One of {}.\n", member.name, member.description, values.join(", "));
        }
        let everywhere = !inventory.endpoints.is_empty() && endpoints.len() == inventory.endpoints.len();
        let ids: Vec<String> = endpoints.iter().map(|id| format!("`{id}`")).collect();
        let from = match (everywhere, ids.is_empty()) {
            (true, _) => "every endpoint".to_owned(),
            (false, true) => "no endpoint".to_owned(),
            (false, false) => ids.join(", "),
        };
        let _ = write!(text, "\nFrom: {from}.\n");
    }
    text
}

fn keys(inventory: &Inventory) -> String {
    let mut text = head(
        "Keys",
        "The one table: what kinds of items there are, how their keys look, and which functions touch them how.\n\
         Keys are spelled in `shared/src/store/keys.rs` and nowhere else.\n\
         The patterns of partition keys are also the limits of the functions' permissions.\n\
         `TransactWriteItems` needs the permission of each of its parts, so it does not stand here by itself.",
    );
    let _ = write!(text, "\n| kind | partition key | sort key |");
    for index in Index::ALL {
        let _ = write!(text, " {} |", index.name());
    }
    let _ = writeln!(text, "\n|---|---|---|{}", "---|".repeat(Index::ALL.len()));
    for kind in KINDS.iter().copied() {
        let _ = write!(text, "| `{}` | `{}` | `{}` |", kind.as_str(), kind.partition_pattern(), kind.sort_pattern());
        for index in Index::ALL {
            let pattern = kind.index_pattern(index).map(|(pk, sk)| format!("`{pk}` · `{sk}`"));
            let _ = write!(text, " {} |", pattern.unwrap_or_default());
        }
        text.push('\n');
    }
    text.push_str("\n## Who touches what\n\n| kind | function | how |\n|---|---|---|\n");
    for kind in KINDS.iter().copied() {
        for function in inventory.functions() {
            let ways: Vec<&str> = function
                .touches()
                .into_iter()
                .filter_map(touches::on_kind)
                .filter_map(|(touched, way)| (touched == kind).then_some(way))
                .collect();
            if !ways.is_empty() {
                let _ = writeln!(text, "| `{}` | `{}` | {} |", kind.as_str(), function.id(), ways.join(", "));
            }
        }
    }
    text.push_str("\n## Besides the table\n\n| function | what |\n|---|---|\n");
    for function in inventory.functions() {
        let others = others(&function);
        if !others.is_empty() {
            let _ = writeln!(text, "| `{}` | {} |", function.id(), others.join(", "));
        }
    }
    text
}

fn others(function: &Function<'_>) -> Vec<String> {
    function
        .touches()
        .into_iter()
        .filter_map(|touch| match touch {
            Touch::Secret(name) => Some(format!("reads the secret `{}`", name.parameter())),
            Touch::GrantUpload => Some("grants uploads".to_owned()),
            Touch::ReadUpload => Some("reads uploads".to_owned()),
            Touch::DeleteUpload => Some("removes uploads".to_owned()),
            Touch::ReadOriginal => Some("reads originals".to_owned()),
            Touch::WriteOriginal => Some("keeps originals".to_owned()),
            Touch::DeleteOriginal => Some("removes originals".to_owned()),
            Touch::WritePicture => Some("writes pictures".to_owned()),
            Touch::DeletePicture => Some("removes pictures".to_owned()),
            Touch::SendMail => Some("sends mail".to_owned()),
            _ => None,
        })
        .collect()
}

fn processes() -> String {
    let mut text = head(
        "Processes",
        "Who may do what in which state, what comes next, and what it moves.\n\
         Written from the tables in `shared/domain/src/processes/`; tests prove of each that every state can be \
         reached, that every state that is not final has an exit, and that on every path the money that came in went out.",
    );
    let _ = write!(text, "\n## An order that is delivered\n\n```mermaid\n{}```\n\n{}", SELL.diagram(), SELL.table());
    let payment = (PAYMENT.diagram(), PAYMENT.table());
    let _ = write!(
        text,
        "\n## The payment over the orders of a checkout\n\nUntil it is captured, its orders take each step with it.\n\n\
         ```mermaid\n{}```\n\n{}",
        payment.0, payment.1
    );
    text
}
