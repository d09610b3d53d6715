//! Roles: one for each distinct set of things that functions do, shared by the functions that do
//! exactly those, and granting exactly those.
//!
//! `ForAllValues` is true when a request carries no such key at all. DynamoDB's item actions always
//! carry their leading keys (Service Authorization Reference, DynamoDB: every action that we grant
//! lists `dynamodb:LeadingKeys`), the actions that do not (Scan, PartiQL) are never granted, and the
//! `Null` condition refuses a request without keys in any case (IAM User Guide, multivalued keys).

use std::{collections::BTreeMap, fmt::Write as _};

use shared::api::{Touch, Trigger};

use super::{
    Function,
    environment::{PICTURES_BUCKET, UPLOADS_BUCKET},
    name::{Name, camel},
    touches::{Permission, permission},
};

/// What tells one role from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Needs {
    /// What its functions do.
    pub touches: Vec<Touch>,
    /// Whether Lambda reads the table's stream for them.
    pub reads_stream: bool,
    /// Whether undeliverable events go to the queue on their behalf.
    pub sends_dead_letters: bool,
}

impl Needs {
    /// What a function needs.
    #[must_use]
    pub fn of(function: &Function<'_>) -> Self {
        let trigger = if let Function::Job(job) = function { Some(job.route.trigger) } else { None };
        Self {
            touches: function.touches(),
            reads_stream: matches!(trigger, Some(Trigger::NewItems(_))),
            sends_dead_letters: matches!(
                trigger,
                Some(Trigger::NewItems(_) | Trigger::Upload | Trigger::Events { .. })
            ),
        }
    }
}

/// A role and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The name in the template.
    pub logical_id: String,
    /// What it grants.
    pub needs: Needs,
    /// The ids of its functions.
    pub functions: Vec<&'static str>,
    /// The services of its functions: whose logs it may write.
    pub services: Vec<&'static str>,
}

/// Every role, sorted by name.
#[must_use]
pub fn roles(functions: &[Function<'_>]) -> Vec<Role> {
    let mut by_needs: BTreeMap<Needs, (Vec<&'static str>, Vec<&'static str>)> = BTreeMap::new();
    for function in functions {
        let (ids, services) = by_needs.entry(Needs::of(function)).or_default();
        ids.push(function.id());
        if !services.contains(&function.service()) {
            services.push(function.service());
        }
    }
    let mut roles: Vec<Role> = Vec::new();
    for (needs, (functions, mut services)) in by_needs {
        services.sort_unstable();
        let spelled = spelled(&needs);
        let is_usable = spelled.len() <= 64 && !roles.iter().any(|role| role.logical_id == spelled);
        let logical_id = if is_usable { spelled } else { of_first(&functions) };
        roles.push(Role { logical_id, needs, functions, services });
    }
    roles.sort_by(|a, b| a.logical_id.cmp(&b.logical_id));
    roles
}

/// `RoleReadsUserWritesEmailCodeSendsMail`.
fn spelled(needs: &Needs) -> String {
    let (mut reads, mut writes, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for touch in &needs.touches {
        match *touch {
            Touch::Get(kind) | Touch::BatchGet(kind) | Touch::Query(kind) => reads.push(camel(kind.as_str())),
            Touch::QueryIndex(kind, index) => reads.push(camel(kind.as_str()) + &camel(index.name())),
            Touch::Put(kind) | Touch::Update(kind) | Touch::Delete(kind) | Touch::Check(kind) => {
                writes.push(camel(kind.as_str()));
            }
            Touch::Secret(name) => more.push(format!("With{}", camel(name.parameter()))),
            Touch::GrantUpload => more.push("GrantsUpload".to_owned()),
            Touch::ReadUpload => more.push("ReadsUpload".to_owned()),
            Touch::DeleteUpload => more.push("DeletesUpload".to_owned()),
            Touch::ReadOriginal => more.push("ReadsOriginal".to_owned()),
            Touch::WriteOriginal => more.push("WritesOriginal".to_owned()),
            Touch::DeleteOriginal => more.push("DeletesOriginal".to_owned()),
            Touch::WritePicture => more.push("WritesPicture".to_owned()),
            Touch::DeletePicture => more.push("DeletesPicture".to_owned()),
            Touch::SendMail => more.push("SendsMail".to_owned()),
        }
    }
    if needs.reads_stream {
        more.push("OfStream".to_owned());
    }
    let mut name = "Role".to_owned();
    for (verb, mut kinds) in [("Reads", reads), ("Writes", writes)] {
        kinds.dedup();
        if !kinds.is_empty() {
            name.push_str(verb);
            name.push_str(&kinds.concat());
        }
    }
    name.push_str(&more.concat());
    if name == "Role" { "RoleTouchesNothing".to_owned() } else { name }
}

/// `RoleOfCheckoutCreateCheckout`: for what would be too long to spell.
fn of_first(functions: &[&'static str]) -> String {
    let first = functions.first().and_then(|id| Name::of(id));
    format!("RoleOf{}", first.map_or_else(String::new, |name| name.logical_id()))
}

/// The role as a resource of the template.
#[must_use]
pub fn resource(role: &Role) -> String {
    let mut text = format!(
        "  # For {}.\n  {}:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        \
         Version: \"2012-10-17\"\n        Statement:\n          - Effect: Allow\n            \
         Principal: {{ Service: lambda.amazonaws.com }}\n            Action: sts:AssumeRole\n      Policies:\n        \
         - PolicyName: touches\n          PolicyDocument:\n            Version: \"2012-10-17\"\n            Statement:\n",
        role.functions.join(", "),
        role.logical_id,
    );
    for statement in statements(role) {
        text.push_str(&statement);
    }
    text
}

/// The statements, each as YAML.
fn statements(role: &Role) -> Vec<String> {
    let logs: Vec<String> = role.services.iter().map(|service| format!("!GetAtt {}Logs.Arn", camel(service))).collect();
    let mut all = vec![statement(&["logs:CreateLogStream", "logs:PutLogEvents"], &logs, "")];
    let needed: Vec<Permission> = role.needs.touches.iter().filter_map(|touch| permission(*touch)).collect();
    all.extend(table_statements(&needed));
    all.extend(index_statements(&needed));
    all.extend(other_statements(&needed));
    if role.needs.reads_stream {
        let actions =
            ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
        all.push(statement(&actions, &["!Sub \"${Table.Arn}/stream/*\"".to_owned()], ""));
    }
    if role.needs.sends_dead_letters {
        all.push(statement(&["sqs:SendMessage"], &["!GetAtt DeadLetters.Arn".to_owned()], ""));
    }
    all
}

/// Actions on items: those with the same keys in one statement.
fn table_statements(needed: &[Permission]) -> Vec<String> {
    let mut keys_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for permission in needed {
        if let Permission::Item { action, keys } = permission {
            let patterns = keys_of.entry(action).or_default();
            if !patterns.contains(keys) {
                patterns.push(keys);
            }
        }
    }
    let mut actions_of: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for (action, mut patterns) in keys_of {
        patterns.sort_unstable();
        actions_of.entry(patterns).or_default().push(action);
    }
    actions_of
        .into_iter()
        .map(|(patterns, actions)| statement(&actions, &["!GetAtt Table.Arn".to_owned()], &leading_keys(&patterns)))
        .collect()
}

fn index_statements(needed: &[Permission]) -> Vec<String> {
    let mut keys_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for permission in needed {
        if let Permission::Index { index, keys } = permission {
            let patterns = keys_of.entry(index.name()).or_default();
            if !patterns.contains(keys) {
                patterns.push(keys);
            }
        }
    }
    keys_of
        .into_iter()
        .map(|(index, patterns)| {
            let resource = format!("!Sub \"${{Table.Arn}}/index/{index}\"");
            statement(&["dynamodb:Query"], &[resource], &leading_keys(&patterns))
        })
        .collect()
}

fn other_statements(needed: &[Permission]) -> Vec<String> {
    let parameters: Vec<String> = needed
        .iter()
        .filter_map(|permission| match permission {
            Permission::Parameter(name) => Some(format!(
                "!Sub \"arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter${{SecretsPrefix}}{name}\""
            )),
            _ => None,
        })
        .collect();
    let on_objects = |bucket: &str, prefix: &str, actions: &[&str]| {
        let resource = format!("!Sub \"arn:${{AWS::Partition}}:s3:::{bucket}/{prefix}/*\"");
        (!actions.is_empty()).then(|| statement(actions, &[resource], ""))
    };
    let mut uploads = Vec::new();
    let mut originals = Vec::new();
    let mut pictures = Vec::new();
    for permission in needed {
        match permission {
            Permission::Upload(action) => uploads.push(*action),
            Permission::Original(action) => originals.push(*action),
            Permission::Picture(action) => pictures.push(*action),
            _ => {}
        }
    }
    let mut all = Vec::new();
    if !parameters.is_empty() {
        all.push(statement(&["ssm:GetParameters"], &parameters, ""));
    }
    all.extend(on_objects(UPLOADS_BUCKET, "raw", &uploads));
    all.extend(on_objects(UPLOADS_BUCKET, "originals", &originals));
    all.extend(on_objects(PICTURES_BUCKET, "pictures", &pictures));
    if needed.contains(&Permission::Mail) {
        // SES asks for the permission on each: on who sends, on the configuration set, and on who
        // receives when that is an identity of the account. While the account is in the sandbox it
        // sends to nobody else, so every identity it must be; who it sends as, the condition says.
        let on =
            |what: &str| format!("!Sub \"arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:{what}\"");
        let resources = [on("identity/*"), on("configuration-set/${MailConfiguration}")];
        let condition =
            "                Condition:\n                  StringEquals: { \"ses:FromAddress\": !Ref MailFrom }\n";
        all.push(statement(&["ses:SendEmail"], &resources, condition));
    }
    all
}

fn leading_keys(patterns: &[&str]) -> String {
    let quoted: Vec<String> = patterns.iter().map(|pattern| format!("\"{pattern}\"")).collect();
    format!(
        "                Condition:\n                  ForAllValues:StringLike: {{ \"dynamodb:LeadingKeys\": [{}] }}\n                  \
         \"Null\": {{ \"dynamodb:LeadingKeys\": \"false\" }}\n",
        quoted.join(", ")
    )
}

fn statement(actions: &[&str], resources: &[String], condition: &str) -> String {
    let indent = "              ";
    let mut text = format!("{indent}- Effect: Allow\n{indent}  Action: [{}]\n", actions.join(", "));
    match resources {
        [one] => {
            let _ = writeln!(text, "{indent}  Resource: {one}");
        }
        several => {
            let _ = writeln!(text, "{indent}  Resource:");
            for resource in several {
                let _ = writeln!(text, "{indent}    - {resource}");
            }
        }
    }
    text.push_str(condition);
    text
}
