//! From what a function declares that it touches to what the local cloud allows it. Which action a
//! touch is, [`crate::generate::touches`] says; the roles of the template are written from the same.

use std::collections::BTreeMap;

use engines::Statement;
use shared::api::Touch;

use crate::generate::touches::{Permission, permission};

/// The names of the things that roles speak of.
#[derive(Debug, Clone)]
pub struct Places {
    /// The one table.
    pub table: String,
    /// The bucket that clients upload into.
    pub uploads_bucket: String,
    /// The bucket that pictures are served from.
    pub pictures_bucket: String,
    /// What the names of our parameters start with, such as `/jangteo/local/`.
    pub secrets_prefix: String,
    /// Who mails are from.
    pub mail_from: String,
    /// The configuration set of mails.
    pub mail_configuration: String,
}

/// Everything that a function with these touches may do, and nothing that no touch asks for. A query
/// of an index in which the kind is not has no statement: the call is refused.
///
/// The partitions that an action may touch stand in one statement, as in the role: a call that
/// reads two partitions at once is allowed by one statement or by none (`ForAllValues`).
#[must_use]
pub fn statements(touches: &[Touch], places: &Places) -> Vec<Statement> {
    let mut partitions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut statements = Vec::new();
    for needed in touches.iter().filter_map(|touch| permission(*touch)) {
        match needed {
            Permission::Item { action, keys } => partitions.entry(action).or_default().push(keys),
            Permission::Mail => {
                let configuration = format!("configuration-set/{}", places.mail_configuration);
                statements.push(Statement::new(&["ses:SendEmail"], &configuration));
                statements.push(statement(needed, places));
            }
            other => statements.push(statement(other, places)),
        }
    }
    let table = format!("table/{}", places.table);
    statements
        .extend(partitions.iter().map(|(action, keys)| Statement::new(&[*action], &table).with_leading_keys(keys)));
    statements
}

fn statement(needed: Permission, places: &Places) -> Statement {
    match needed {
        Permission::Item { action, keys } => {
            Statement::new(&[action], &format!("table/{}", places.table)).with_leading_keys(&[keys])
        }
        // In an index, `dynamodb:LeadingKeys` speaks of the index's own partition key.
        Permission::Index { index, keys } => {
            let resource = format!("table/{}/index/{}", places.table, index.name());
            Statement::new(&["dynamodb:Query"], &resource).with_leading_keys(&[keys])
        }
        Permission::Parameter(name) => {
            let prefix = places.secrets_prefix.trim_start_matches('/');
            Statement::new(&["ssm:GetParameters"], &format!("parameter/{prefix}{name}"))
        }
        Permission::Upload(action) => Statement::new(&[action], &format!("bucket/{}/raw/*", places.uploads_bucket)),
        Permission::Original(action) => {
            Statement::new(&[action], &format!("bucket/{}/originals/*", places.uploads_bucket))
        }
        Permission::Picture(action) => {
            Statement::new(&[action], &format!("bucket/{}/pictures/*", places.pictures_bucket))
        }
        // The role grants every identity under the condition `ses:FromAddress`, because SES also asks
        // for who receives. Here a call asks for who sends alone, so this says what that condition does.
        Permission::Mail => Statement::new(&["ses:SendEmail"], &format!("identity/{}", places.mail_from)),
    }
}

#[cfg(test)]
mod tests {
    use engines::{Demand, Permissions};
    use shared::{
        secrets::SecretName,
        store::{Index, Kind},
    };

    use super::*;

    fn places() -> Places {
        Places {
            table: "jangteo-local".to_owned(),
            uploads_bucket: "up".to_owned(),
            pictures_bucket: "pic".to_owned(),
            secrets_prefix: "/jangteo/local/".to_owned(),
            mail_from: "a@b.test".to_owned(),
            mail_configuration: "a-mail".to_owned(),
        }
    }

    fn allows(touch: Touch, action: &str, resource: &str, key: Option<&str>) -> bool {
        let permissions = Permissions::operator_only();
        permissions.grant("f", statements(&[touch], &places()));
        let leading_keys = key.map(|key| vec![key.to_owned()]);
        permissions.allows("f", &Demand { action: action.to_owned(), resource: resource.to_owned(), leading_keys })
    }

    #[test]
    fn a_touch_allows_its_own_action_on_its_own_partitions_only() {
        let table = "table/jangteo-local";
        assert!(allows(Touch::Get(Kind::USER), "dynamodb:GetItem", table, Some("USER#usr_1")));
        assert!(!allows(Touch::Get(Kind::USER), "dynamodb:PutItem", table, Some("USER#usr_1")));
        assert!(!allows(Touch::Get(Kind::USER), "dynamodb:GetItem", table, Some("ORDER#ord_1")));
        assert!(!allows(Touch::Get(Kind::USER), "dynamodb:GetItem", "table/other", Some("USER#usr_1")));
        assert!(!allows(Touch::Query(Kind::LISTING), "dynamodb:Scan", table, None));
    }

    #[test]
    fn one_call_may_read_several_partitions_if_each_of_them_is_allowed() {
        let permissions = Permissions::operator_only();
        let touches = [Touch::BatchGet(Kind::ORDER), Touch::BatchGet(Kind::IDEMPOTENCY_RECORD)];
        permissions.grant("f", statements(&touches, &places()));
        let reads = |keys: &[&str]| {
            let leading_keys = Some(keys.iter().map(|key| (*key).to_owned()).collect());
            let resource = "table/jangteo-local".to_owned();
            permissions.allows("f", &Demand { action: "dynamodb:BatchGetItem".to_owned(), resource, leading_keys })
        };
        assert!(reads(&["ORDER#ord_1", "ONCE#abc"]));
        assert!(!reads(&["ORDER#ord_1", "USER#usr_1"]));
    }

    #[test]
    fn an_index_is_queried_by_its_own_keys_and_only_by_kinds_that_are_in_it() {
        let index = "table/jangteo-local/index/gsi2";
        assert!(allows(Touch::QueryIndex(Kind::LISTING, Index::Gsi2), "dynamodb:Query", index, Some("LISTINGS")));
        assert!(!allows(Touch::QueryIndex(Kind::LISTING, Index::Gsi2), "dynamodb:Query", index, Some("BUYER#1")));
        assert!(!allows(Touch::QueryIndex(Kind::USER, Index::Gsi2), "dynamodb:Query", index, Some("USER#1")));
        assert!(!allows(Touch::Query(Kind::LISTING), "dynamodb:Query", index, Some("LISTING#1")));
    }

    #[test]
    fn buckets_secrets_and_mail_are_limited_to_what_is_ours() {
        assert!(allows(Touch::GrantUpload, "s3:PutObject", "bucket/up/raw/med_1", None));
        assert!(!allows(Touch::GrantUpload, "s3:PutObject", "bucket/pic/raw/med_1", None));
        assert!(!allows(Touch::GrantUpload, "s3:PutObject", "bucket/up/pictures/x", None));
        assert!(allows(Touch::ReadOriginal, "s3:GetObject", "bucket/up/originals/med_1", None));
        assert!(!allows(Touch::ReadOriginal, "s3:GetObject", "bucket/up/raw/med_1", None));
        assert!(!allows(Touch::ReadUpload, "s3:GetObject", "bucket/up/originals/med_1", None));
        assert!(!allows(Touch::DeleteOriginal, "s3:DeleteObject", "bucket/up/raw/med_1", None));
        assert!(allows(Touch::DeletePicture, "s3:DeleteObject", "bucket/pic/pictures/med_1/320.jpg", None));
        assert!(!allows(Touch::WritePicture, "s3:DeleteObject", "bucket/pic/pictures/med_1/320.jpg", None));
        assert!(allows(Touch::WritePicture, "s3:PutObject", "bucket/pic/pictures/med_1/320.jpg", None));
        let secret = Touch::Secret(SecretName::OrderKey);
        assert!(allows(secret, "ssm:GetParameters", "parameter/jangteo/local/order-key", None));
        assert!(!allows(secret, "ssm:GetParameters", "parameter/jangteo/local/cursor-key", None));
        assert!(allows(Touch::SendMail, "ses:SendEmail", "identity/a@b.test", None));
        assert!(!allows(Touch::SendMail, "ses:SendEmail", "identity/c@b.test", None));
        assert!(allows(Touch::SendMail, "ses:SendEmail", "configuration-set/a-mail", None));
        assert!(!allows(Touch::SendMail, "ses:SendEmail", "configuration-set/b-mail", None));
    }
}
