use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    types::{ConditionCheck, KeysAndAttributes, Put, TransactWriteItem},
};
use engines::{Engines, Statement};

use crate::support::{BUCKET, TABLE, cloud, dynamodb, exists, indexed, key, operator, put, s3, ses, ssm, text};

const ME: &str = "users-me";

fn grant(engines: &Engines, statements: Vec<Statement>) {
    engines.permissions().grant(ME, statements);
}

fn code<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> String {
    error.as_service_error().and_then(|error| error.code()).unwrap_or("no answer").to_owned()
}

fn table_resource() -> String {
    format!("table/{TABLE}")
}

#[tokio::test]
async fn a_function_may_do_what_it_was_granted_and_no_other_action() {
    let engines = cloud().await;
    grant(&engines, vec![Statement::new(&["dynamodb:GetItem"], &table_resource())]);
    let client = dynamodb(&engines, ME);
    client.get_item().table_name(TABLE).set_key(Some(key("A"))).send().await.unwrap();
    let refused = client.put_item().table_name(TABLE).set_item(Some(key("A"))).send().await.unwrap_err();
    assert_eq!(code(&refused), "AccessDeniedException");
    let message = refused.as_service_error().and_then(|error| error.message()).unwrap().to_owned();
    let expected = "User: arn:aws:sts::000000000000:assumed-role/users-me/users-me is not authorized to perform: \
                    dynamodb:PutItem on resource: arn:aws:dynamodb:ap-northeast-2:000000000000:table/jangteo-table";
    assert!(message.starts_with(expected), "{message}");
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 400);
    assert!(!exists(&operator(&engines), "A").await);
    let call = engines.meter().since(0).into_iter().find(|call| call.operation == "PutItem").unwrap();
    assert_eq!(call.error.as_deref(), Some("AccessDeniedException"));
}

#[tokio::test]
async fn an_access_key_that_nobody_has_is_refused() {
    let engines = cloud().await;
    let refused = dynamodb(&engines, "stranger").get_item().table_name(TABLE).set_key(Some(key("A"))).send().await;
    assert_eq!(code(&refused.unwrap_err()), "UnrecognizedClientException");
}

#[tokio::test]
async fn leading_keys_limit_gets_puts_and_queries() {
    let engines = cloud().await;
    let actions = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"];
    grant(&engines, vec![Statement::new(&actions, &table_resource()).with_leading_keys(&["USER#*"])]);
    let client = dynamodb(&engines, ME);
    put(&client, key("USER#1")).await;
    client.get_item().table_name(TABLE).set_key(Some(key("USER#1"))).send().await.unwrap();
    let refused = client.get_item().table_name(TABLE).set_key(Some(key("ORDER#1"))).send().await.unwrap_err();
    assert_eq!(code(&refused), "AccessDeniedException");
    let refused = client.put_item().table_name(TABLE).set_item(Some(key("ORDER#1"))).send().await.unwrap_err();
    assert_eq!(code(&refused), "AccessDeniedException");
    let query = |pk: &str| {
        let query = client.query().table_name(TABLE).key_condition_expression("#p = :p AND begins_with(sk, :s)");
        let query = query.expression_attribute_names("#p", "pk").expression_attribute_values(":p", text(pk));
        query.expression_attribute_values(":s", text("I")).send()
    };
    assert_eq!(query("USER#1").await.unwrap().count(), 1);
    assert_eq!(code(&query("ORDER#1").await.unwrap_err()), "AccessDeniedException");
    let refused = client.scan().table_name(TABLE).send().await.unwrap_err();
    assert_eq!(code(&refused), "AccessDeniedException");
}

#[tokio::test]
async fn one_forbidden_item_refuses_the_whole_transaction() {
    let engines = cloud().await;
    grant(
        &engines,
        vec![
            Statement::new(&["dynamodb:PutItem"], &table_resource()).with_leading_keys(&["ORDER#*"]),
            Statement::new(&["dynamodb:ConditionCheckItem"], &table_resource()).with_leading_keys(&["USER#*"]),
        ],
    );
    let client = dynamodb(&engines, ME);
    put(&operator(&engines), key("USER#1")).await;
    let order = |pk: &str| {
        let put = Put::builder().table_name(TABLE).set_item(Some(key(pk))).build().unwrap();
        TransactWriteItem::builder().put(put).build()
    };
    let check = |pk: &str| {
        let check = ConditionCheck::builder().table_name(TABLE).set_key(Some(key(pk)));
        let check = check.condition_expression("attribute_exists(pk)").build().unwrap();
        TransactWriteItem::builder().condition_check(check).build()
    };
    let write = |items: Vec<TransactWriteItem>| client.transact_write_items().set_transact_items(Some(items)).send();
    write(vec![order("ORDER#1"), check("USER#1")]).await.unwrap();
    let refused = write(vec![order("ORDER#2"), order("USER#9")]).await.unwrap_err();
    assert_eq!(code(&refused), "AccessDeniedException");
    let refused = write(vec![order("ORDER#2"), check("ORDER#1")]).await.unwrap_err();
    assert_eq!(code(&refused), "AccessDeniedException");
    assert!(exists(&operator(&engines), "ORDER#1").await);
    assert!(!exists(&operator(&engines), "ORDER#2").await);
}

#[tokio::test]
async fn an_index_is_a_resource_of_its_own_with_its_own_keys() {
    let engines = cloud().await;
    put(&operator(&engines), indexed("LISTING#1", "CATEGORY#chairs")).await;
    let client = dynamodb(&engines, ME);
    let query = |gsi1pk: &str| {
        let query = client.query().table_name(TABLE).index_name("gsi1").key_condition_expression("gsi1pk = :p");
        query.expression_attribute_values(":p", text(gsi1pk)).send()
    };
    grant(&engines, vec![Statement::new(&["dynamodb:Query"], &table_resource())]);
    assert_eq!(code(&query("CATEGORY#chairs").await.unwrap_err()), "AccessDeniedException");
    let index = format!("table/{TABLE}/index/gsi1");
    grant(&engines, vec![Statement::new(&["dynamodb:Query"], &index).with_leading_keys(&["CATEGORY#*"])]);
    assert_eq!(query("CATEGORY#chairs").await.unwrap().count(), 1);
    assert_eq!(code(&query("SELLER#1").await.unwrap_err()), "AccessDeniedException");
}

#[tokio::test]
async fn a_batch_read_is_an_action_of_its_own_and_all_its_keys_count() {
    let engines = cloud().await;
    let client = dynamodb(&engines, ME);
    let batch = |keys: &[&str]| {
        let keys = keys.iter().map(|pk| key(pk)).collect();
        let keys = KeysAndAttributes::builder().set_keys(Some(keys)).build().unwrap();
        client.batch_get_item().request_items(TABLE, keys).send()
    };
    grant(&engines, vec![Statement::new(&["dynamodb:GetItem"], &table_resource())]);
    assert_eq!(code(&batch(&["USER#1"]).await.unwrap_err()), "AccessDeniedException");
    let statement = Statement::new(&["dynamodb:BatchGetItem"], &table_resource());
    grant(&engines, vec![statement.with_leading_keys(&["USER#*"])]);
    batch(&["USER#1", "USER#2"]).await.unwrap();
    assert_eq!(code(&batch(&["USER#1", "ORDER#1"]).await.unwrap_err()), "AccessDeniedException");
}

#[tokio::test]
async fn objects_are_granted_by_action_and_prefix_and_a_stranger_is_not_told_what_is_there() {
    let engines = cloud().await;
    let prefix = format!("bucket/{BUCKET}/originals/*");
    grant(&engines, vec![Statement::new(&["s3:PutObject", "s3:GetObject"], &prefix)]);
    let client = s3(&engines, ME);
    let put = |key: &str| client.put_object().bucket(BUCKET).key(key).body(b"abc".to_vec().into()).send();
    put("originals/a").await.unwrap();
    let refused = put("pictures/a").await.unwrap_err();
    assert_eq!(code(&refused), "AccessDenied");
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403);
    client.get_object().bucket(BUCKET).key("originals/a").send().await.unwrap();
    let missing = client.get_object().bucket(BUCKET).key("originals/none").send().await.unwrap_err();
    assert_eq!(code(&missing), "AccessDenied");
    let statement = Statement::new(&["s3:ListBucket"], &format!("bucket/{BUCKET}"));
    grant(&engines, vec![Statement::new(&["s3:GetObject"], &prefix), statement]);
    let missing = client.get_object().bucket(BUCKET).key("originals/none").send().await.unwrap_err();
    assert_eq!(code(&missing), "NoSuchKey");
    let refused = client.delete_object().bucket(BUCKET).key("originals/a").send().await.unwrap_err();
    assert_eq!(code(&refused), "AccessDenied");
}

#[tokio::test]
async fn mail_and_parameters_are_refused_to_whom_they_were_not_granted() {
    let engines = cloud().await;
    engines.secrets().put("/jangteo/token-key", "hush").unwrap();
    grant(&engines, vec![]);
    let mail = || crate::services::mail(&ses(&engines, ME), "a@example.com", "Hello").send();
    let refused = mail().await.unwrap_err();
    assert_eq!(
        (code(&refused).as_str(), refused.raw_response().unwrap().status().as_u16()),
        ("AccessDeniedException", 403)
    );
    let parameters = ssm(&engines, ME);
    let read = || parameters.get_parameters().names("/jangteo/token-key").with_decryption(true).send();
    let refused = read().await.unwrap_err();
    assert_eq!(
        (code(&refused).as_str(), refused.raw_response().unwrap().status().as_u16()),
        ("AccessDeniedException", 400)
    );
    assert!(engines.mailbox().list(None).is_empty());
    grant(
        &engines,
        vec![
            Statement::new(&["ses:SendEmail"], "identity/*"),
            Statement::new(&["ssm:GetParameters"], "parameter/jangteo/*"),
        ],
    );
    mail().await.unwrap();
    assert_eq!(read().await.unwrap().parameters()[0].value(), Some("hush"));
}
