//! What template.yaml promises: nothing bills while idle, nobody may more than was declared, every
//! log ends, every setting that code reads is set. What SAM, cfn-lint and CloudFormation have to
//! say of it is checked by scripts/lib/test-documents.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use local::generate::{self, Inventory, environment, name::Name, roles, touches};
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;
use shared::api::Route;

/// What may stand in the template, each with why it costs nothing while nobody uses it (prices of
/// the services' pages, autumn 2026). Anything else fails: a NAT gateway, provisioned concurrency, a
/// key of one's own in KMS ($1 a month), Secrets Manager ($0.40 a secret), WAF ($5), a hosted zone.
const FREE_WHILE_IDLE: [(&str, &str); 21] = [
    ("AWS::CloudFront::CachePolicy", "a setting"),
    ("AWS::CloudFront::Distribution", "billed by request and byte"),
    ("AWS::CloudFront::Function", "billed by call"),
    ("AWS::CloudFront::OriginAccessControl", "a setting"),
    ("AWS::CloudFront::OriginRequestPolicy", "a setting"),
    ("AWS::CloudFront::ResponseHeadersPolicy", "a setting"),
    ("AWS::CloudWatch::Alarm", "ten are free; counted below"),
    ("AWS::DynamoDB::Table", "on demand: billed by request; 25 GB are free, recovery by what is stored"),
    ("AWS::IAM::Role", "free"),
    ("AWS::Logs::LogGroup", "billed by what is written; 5 GB are free"),
    ("AWS::Logs::MetricFilter", "its metric is billed in hours in which something was counted"),
    ("AWS::S3::Bucket", "billed by request and by what is stored"),
    ("AWS::S3::BucketPolicy", "a setting"),
    ("AWS::SES::ConfigurationSet", "a setting"),
    ("AWS::SES::ConfigurationSetEventDestination", "a setting; events of AWS services on the bus cost nothing"),
    ("AWS::SES::EmailIdentity", "billed by mail"),
    ("AWS::SNS::Topic", "billed by message"),
    ("AWS::SQS::Queue", "billed by request; nobody polls it"),
    ("AWS::Serverless::Function", "billed by call"),
    ("AWS::Serverless::HttpApi", "billed by request"),
    ("AWS::CloudFormation::WaitConditionHandle", "free"),
];

/// Properties that would bill by the hour, wherever they stand.
const BILLED_WHILE_IDLE: [&str; 9] = [
    "ProvisionedConcurrencyConfig",
    "ProvisionedThroughput",
    "WarmThroughput",
    "KMSMasterKeyId",
    "KmsMasterKeyId",
    "KmsKeyArn",
    "VpcConfig",
    "WebACLId",
    "ProvisionedPollerConfig",
];

pub(crate) fn template() -> Value {
    let text = fs::read_to_string(generate::repository().join("template.yaml")).unwrap();
    plain(serde_yaml_ng::from_str(&text).unwrap())
}

/// The same as JSON; `!Ref X` becomes `{"Ref": "X"}`.
fn plain(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Tagged(tagged) => {
            let name = tagged.tag.to_string().trim_start_matches('!').to_owned();
            json!({ name: plain(tagged.value) })
        }
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (name.as_str().unwrap().to_owned(), plain(value))).collect(),
        ),
        other => serde_json::to_value(other).unwrap(),
    }
}

pub(crate) fn resources(template: &Value) -> &Map<String, Value> {
    template["Resources"].as_object().unwrap()
}

fn of_type<'a>(template: &'a Value, wanted: &'a str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    resources(template).iter().filter(move |(_, resource)| resource["Type"] == wanted)
}

/// Every object and array in a value, with the name under which it stands.
fn walk<'a>(name: &'a str, value: &'a Value, visit: &mut dyn FnMut(&'a str, &'a Value)) {
    visit(name, value);
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| walk(name, value, visit)),
        Value::Array(items) => items.iter().for_each(|item| walk(name, item, visit)),
        _ => {}
    }
}

#[test]
fn nothing_bills_while_idle() {
    let template = template();
    for (name, resource) in resources(&template) {
        let kind = resource["Type"].as_str().unwrap();
        assert!(
            FREE_WHILE_IDLE.iter().any(|(free, _)| *free == kind),
            "{name} is a {kind}, which is not known to be free while nobody uses it. If it is, add it to \
             FREE_WHILE_IDLE with the reason; if not, find another way."
        );
        walk(name, resource, &mut |field, _| {
            assert!(!BILLED_WHILE_IDLE.contains(&field), "{name}: {field} bills by the hour, used or not");
        });
    }
    for (_, table) in of_type(&template, "AWS::DynamoDB::Table") {
        assert_eq!(table["Properties"]["BillingMode"], "PAY_PER_REQUEST");
    }
}

#[test]
fn no_more_alarms_than_the_ten_that_are_free_unless_asked() {
    let template = template();
    let always: Vec<&String> = of_type(&template, "AWS::CloudWatch::Alarm")
        .filter(|(_, alarm)| alarm.get("Condition").is_none())
        .map(|(name, _)| name)
        .collect();
    assert!(always.len() <= 10, "{always:?}: put what is beyond ten under HasMoreAlarms");
    for (name, alarm) in of_type(&template, "AWS::CloudWatch::Alarm") {
        assert!(alarm["Properties"].get("Metrics").is_none(), "{name}: metric math counts once for each metric");
        assert!(alarm["Properties"]["Period"].as_u64().unwrap() >= 60, "{name}: a high-resolution alarm costs thrice");
    }
}

#[test]
fn nobody_is_allowed_everything() {
    let template = template();
    walk("", &template, &mut |_, value| {
        let is_allow = value.get("Effect").is_some_and(|effect| effect == "Allow");
        if !is_allow {
            return;
        }
        for field in ["Action", "Resource"] {
            let Some(granted) = value.get(field) else { continue };
            walk(field, granted, &mut |_, part| {
                let Some(text) = part.as_str() else { return };
                let is_whole_service = field == "Action" && text.contains('*');
                assert!(text != "*" && !is_whole_service, "{field} {text} is too much: {value}");
            });
        }
        assert_ne!(value.get("Principal"), Some(&json!("*")), "anybody at all: {value}");
        assert!(value.get("NotAction").is_none() && value.get("NotResource").is_none(), "all but something: {value}");
    });
}

/// "If you have more than two readers of one shard at the same time, reads can be throttled" (DynamoDB
/// Developer Guide, "Change data capture for DynamoDB Streams"). What else must follow a write is an effect
/// in the outbox, of a kind of its own.
#[test]
fn at_most_two_functions_read_the_tables_stream_and_they_get_both_images() {
    let template = template();
    let reads = |function: &&Value| {
        let events = function["Properties"]["Events"].as_object();
        events.is_some_and(|events| events.values().any(|event| event["Type"] == "DynamoDB"))
    };
    let readers = of_type(&template, "AWS::Serverless::Function").map(|(_, function)| function).filter(reads).count();
    assert!((1..=2).contains(&readers), "{readers} functions read the stream: make it an effect of the outbox instead");
    for (name, table) in of_type(&template, "AWS::DynamoDB::Table") {
        let stream = &table["Properties"]["StreamSpecification"];
        assert_eq!(stream["StreamViewType"], "NEW_AND_OLD_IMAGES", "{name}");
    }
}

/// What a role grants, as pairs of an action and what it is limited to.
fn granted(role: &Value) -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for statement in role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap() {
        let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
        let limits: Vec<String> = match (keys, &statement["Resource"]) {
            (Value::Array(keys), resource) => {
                assert_eq!(statement["Condition"]["Null"]["dynamodb:LeadingKeys"], "false", "no keys, no leave");
                keys.iter().map(|key| format!("{resource} {}", key.as_str().unwrap())).collect()
            }
            (_, Value::Array(resources)) => resources.iter().map(Value::to_string).collect(),
            (_, resource) => vec![resource.to_string()],
        };
        for action in statement["Action"].as_array().unwrap() {
            for limit in &limits {
                assert!(
                    pairs.insert((action.as_str().unwrap().to_owned(), limit.clone())),
                    "granted twice: {statement}"
                );
            }
        }
    }
    pairs
}

#[test]
fn every_function_may_do_exactly_what_it_declares() {
    let template = template();
    let inventory = Inventory::of_all_services();
    for function in inventory.functions() {
        let name = Name::of(function.id()).unwrap();
        let role = template["Resources"][name.logical_id()]["Properties"]["Role"]["GetAtt"].as_str().unwrap();
        let granted = granted(&resources(&template)[role.trim_end_matches(".Arn")]);
        let mut expected: BTreeSet<(String, String)> = BTreeSet::new();
        for touch in function.touches() {
            let permission = touches::permission(touch)
                .unwrap_or_else(|| panic!("{}: {touch:?} asks an index in which the kind is not", function.id()));
            expected.insert(pair_of(permission));
            if permission == touches::Permission::Mail {
                let set =
                    "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${MailConfiguration}";
                expected.insert(("ses:SendEmail".to_owned(), json!({ "Sub": set }).to_string()));
            }
        }
        let outside: BTreeSet<(String, String)> = granted
            .into_iter()
            .filter(|(action, limit)| {
                !action.starts_with("logs:") && !action.starts_with("sqs:") && !limit.contains("/stream/")
            })
            .collect();
        assert_eq!(outside, expected, "{}", function.id());
    }
}

/// The pair that a permission must appear as; written apart from the generator on purpose.
fn pair_of(permission: touches::Permission) -> (String, String) {
    let account = "${AWS::Region}:${AWS::AccountId}";
    let sub = |text: String| json!({ "Sub": text }).to_string();
    let (action, limit) = match permission {
        touches::Permission::Item { action, keys } => (action, format!("{} {keys}", json!({ "GetAtt": "Table.Arn" }))),
        touches::Permission::Index { index, keys } => {
            ("dynamodb:Query", format!("{} {keys}", sub(format!("${{Table.Arn}}/index/{}", index.name()))))
        }
        touches::Permission::Parameter(name) => (
            "ssm:GetParameters",
            sub(format!("arn:${{AWS::Partition}}:ssm:{account}:parameter${{SecretsPrefix}}{name}")),
        ),
        touches::Permission::Upload(action) => {
            (action, sub("arn:${AWS::Partition}:s3:::${AWS::StackName}-uploads-${AWS::AccountId}/raw/*".to_owned()))
        }
        touches::Permission::Original(action) => (
            action,
            sub("arn:${AWS::Partition}:s3:::${AWS::StackName}-uploads-${AWS::AccountId}/originals/*".to_owned()),
        ),
        touches::Permission::Picture(action) => (
            action,
            sub("arn:${AWS::Partition}:s3:::${AWS::StackName}-pictures-${AWS::AccountId}/pictures/*".to_owned()),
        ),
        touches::Permission::Mail => {
            // Every identity, since SES asks for the recipient's too; the test below holds the sender.
            ("ses:SendEmail", sub(format!("arn:${{AWS::Partition}}:ses:{account}:identity/*")))
        }
    };
    (action.to_owned(), limit)
}

#[test]
fn whoever_sends_mail_sends_it_as_ourselves_only() {
    let template = template();
    let mut roles = 0;
    walk("", &template, &mut |_, value| {
        if value.get("Action").is_some_and(|action| action.to_string().contains("ses:")) {
            roles += 1;
            let expected = json!({ "StringEquals": { "ses:FromAddress": { "Ref": "MailFrom" } } });
            assert_eq!(value["Condition"], expected, "the identities of recipients are granted too: {value}");
        }
    });
    assert!(roles > 0, "nobody sends mail");
}

#[test]
fn the_readme_says_how_often_the_schedules_run_in_a_month() {
    let template = template();
    let functions = of_type(&template, "AWS::Serverless::Function");
    let rates = functions.filter_map(|(_, function)| {
        let expression = function["Properties"]["Events"]["Tick"]["Properties"]["ScheduleExpression"].as_str()?;
        expression.strip_prefix("rate(")?.split(' ').next()?.parse().ok()
    });
    let runs: u64 = rates.map(|minutes: u64| 30 * 24 * 60 / minutes).sum();
    let hundreds = runs / 100;
    let said = format!("about {},{}00 invocations a month", hundreds / 10, hundreds % 10);
    let readme = fs::read_to_string(generate::repository().join("README.md")).unwrap();
    assert!(readme.contains(&said), "README.md, \"What it costs\", should say: {said}");
}

#[test]
fn functions_share_a_role_only_when_they_do_the_same() {
    let inventory = Inventory::of_all_services();
    let functions = inventory.functions();
    let roles = roles::roles(&functions);
    let names: BTreeSet<&String> = roles.iter().map(|role| &role.logical_id).collect();
    assert_eq!(names.len(), roles.len(), "two roles have one name");
    for function in &functions {
        let needs = roles::Needs::of(function);
        let role = roles.iter().find(|role| role.functions.contains(&function.id())).unwrap();
        assert_eq!(role.needs, needs, "{}", function.id());
    }
}

#[test]
fn every_log_ends_and_every_answer_comes_before_the_gateway_gives_up() {
    let template = template();
    let routed: BTreeSet<String> = integrations(&template).into_iter().map(|(_, _, function)| function).collect();
    for (name, group) in of_type(&template, "AWS::Logs::LogGroup") {
        assert!(group["Properties"].get("RetentionInDays").is_some(), "{name} is kept for ever");
    }
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        let properties = &function["Properties"];
        let group = properties["LoggingConfig"]["LogGroup"]["Ref"]
            .as_str()
            .unwrap_or_else(|| panic!("{name} has no log group"));
        assert_eq!(resources(&template)[group]["Type"], "AWS::Logs::LogGroup", "{name}");
        let time_out = properties["Timeout"].as_u64().unwrap();
        assert!(!routed.contains(name) || time_out < 29, "{name}: {time_out} s, and API Gateway waits for 30 at most");
        assert!(time_out <= 900 && (128..=10_240).contains(&properties["MemorySize"].as_u64().unwrap()), "{name}");
    }
}

/// Every route of the API: its path, its method and the function that it calls.
fn integrations(template: &Value) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    let paths = resources(template)["HttpApi"]["Properties"]["DefinitionBody"]["paths"].as_object().unwrap();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            let integration = &operation["x-amazon-apigateway-integration"];
            let expected = json!({
                "type": "aws_proxy", "httpMethod": "POST", "payloadFormatVersion": "2.0",
                "credentials": { "GetAtt": "GatewayRole.Arn" }, "uri": integration["uri"],
            });
            assert_eq!(*integration, expected, "{method} {path}");
            let uri = integration["uri"]["Sub"].as_str().unwrap();
            let function = uri
                .strip_prefix("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${")
                .and_then(|rest| rest.strip_suffix(".Arn}/invocations"))
                .unwrap_or_else(|| panic!("{method} {path} calls {uri}"));
            all.push((path.clone(), method.to_uppercase(), function.to_owned()));
        }
    }
    all
}

#[test]
fn every_endpoint_has_its_route_and_the_gateway_may_call_it_and_no_other_service() {
    let template = template();
    let inventory = Inventory::of_all_services();
    let routes: BTreeSet<(String, String, String)> = integrations(&template).into_iter().collect();
    let expected = inventory.endpoints.iter().flat_map(|endpoint| {
        let route = &endpoint.route;
        let function = Name::of(route.id).unwrap().logical_id();
        let method = route.method.as_str();
        let head = Route::answers_head(method, &route.all_touches()).then_some("HEAD");
        [Some(method), head]
            .into_iter()
            .flatten()
            .map(move |method| (route.path.to_owned(), method.to_owned(), function.clone()))
    });
    let default_route = inventory.default_route.as_ref().unwrap().route;
    let default_function = Name::of(default_route.id).unwrap().logical_id();
    let default =
        (default_route.path.to_owned(), "X-AMAZON-APIGATEWAY-ANY-METHOD".to_owned(), default_function.clone());
    assert_eq!(routes, expected.chain([default]).collect());
    let paths = &resources(&template)["HttpApi"]["Properties"]["DefinitionBody"]["paths"];
    assert_eq!(paths["$default"]["x-amazon-apigateway-any-method"]["isDefaultRoute"], true);

    let role = &resources(&template)["GatewayRole"]["Properties"];
    let statements = role["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    assert_eq!(statements.len(), 1);
    assert_eq!(statements[0]["Action"], "lambda:InvokeFunction");
    let granted: BTreeSet<&str> =
        statements[0]["Resource"].as_array().unwrap().iter().map(|arn| arn["Sub"].as_str().unwrap()).collect();
    let functions = inventory.endpoints.iter().map(|endpoint| {
        let name = &resources(&template)[&Name::of(endpoint.route.id).unwrap().logical_id()];
        let name = name["Properties"]["FunctionName"]["Sub"].as_str().unwrap();
        assert!(name.starts_with(&format!("${{AWS::StackName}}-{}-", endpoint.service)), "{name}");
        format!(
            "arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:${{AWS::StackName}}-{}-*",
            endpoint.service
        )
    });
    let functions: BTreeSet<String> = functions.collect();
    assert_eq!(granted, functions.iter().map(String::as_str).collect());

    // API Gateway gives no source when it takes on the role of an integration: a condition on one would
    // refuse every request.
    assert!(role["AssumeRolePolicyDocument"]["Statement"][0].get("Condition").is_none());
}

#[test]
fn every_header_that_our_code_reads_is_handed_on_by_the_distribution() {
    let template = template();
    let mut handed_on: BTreeSet<String> = BTreeSet::new();
    let mut add =
        |list: &Value| handed_on.extend(list.as_array().unwrap().iter().map(|name| name.as_str().unwrap().to_owned()));
    let cache = &resources(&template)["ApiCache"]["Properties"]["CachePolicyConfig"];
    add(&cache["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]["Headers"]);
    let requests =
        &resources(&template)["ApiRequests"]["Properties"]["OriginRequestPolicyConfig"]["HeadersConfig"]["Headers"];
    assert!(requests.as_array().unwrap().len() <= 10, "CloudFront takes ten headers in a policy");
    add(requests);
    handed_on.insert("x-origin-key".to_owned());
    let mut read = BTreeSet::new();
    for file in ["caller", "handle", "request", "lambda"] {
        let source = fs::read_to_string(generate::repository().join(format!("shared/src/api/{file}.rs"))).unwrap();
        for before in [".header(\"", "headers.get(\"", "headers.contains_key(\""] {
            read.extend(source.split(before).skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
    }
    assert!(read.contains("authorization") && read.contains("idempotency-key"), "the search finds nothing: {read:?}");
    let lost: Vec<&String> = read.difference(&handed_on).collect();
    assert!(lost.is_empty(), "CloudFront would drop {lost:?}: add them to ApiCache or ApiRequests in infra/base.yaml");
}

#[test]
fn what_went_wrong_once_is_asked_again_and_told_in_the_words_of_the_api() {
    let template = template();
    let config = &resources(&template)["Distribution"]["Properties"]["DistributionConfig"];
    let expected = json!([500, 502, 503, 504].map(|code| json!({ "ErrorCode": code, "ErrorCachingMinTTL": 0 })));
    assert_eq!(config["CustomErrorResponses"], expected, "a page would take the place of the API's own answer");
    for (name, policy) in of_type(&template, "AWS::CloudFront::ResponseHeadersPolicy") {
        let headers = &policy["Properties"]["ResponseHeadersPolicyConfig"]["CustomHeadersConfig"]["Items"];
        let sets = |header: &Value| header["Header"] == "cache-control";
        assert!(!headers.as_array().unwrap().iter().any(sets), "{name}: errors would be kept as long as what is there");
    }
}

#[test]
fn what_cannot_be_made_again_outlives_the_stack_but_not_its_failed_beginning() {
    let template = template();
    let kept: BTreeSet<&str> = resources(&template)
        .iter()
        .filter(|(_, resource)| {
            resource.get("DeletionPolicy").is_some() || resource.get("UpdateReplacePolicy").is_some()
        })
        .map(|(name, resource)| {
            assert_eq!(resource["DeletionPolicy"], "RetainExceptOnCreate", "{name}");
            assert_eq!(resource["UpdateReplacePolicy"], "Retain", "{name}");
            name.as_str()
        })
        .collect();
    // README.md, "What stays", and scripts/deploy speak of these.
    assert_eq!(kept, BTreeSet::from(["FrontendBucket", "MailSender", "PicturesBucket", "Table", "UploadsBucket"]));
}

#[test]
fn every_setting_that_a_service_reads_is_set_for_it() {
    for service in &Inventory::of_all_services().services {
        let folder = generate::repository().join("functions").join(service).join("src");
        let reads = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).any(
            |path| {
                let source = fs::read_to_string(path).unwrap();
                source.contains("toss_client_key") || source.contains("platform_fee_basis_points")
            },
        );
        let is_listed = environment::SALES.contains(service);
        assert_eq!(reads, is_listed, "{service}: SALES in infra/local/src/generate/environment.rs says otherwise");
    }
}

#[test]
fn a_job_gets_only_its_own_events_and_loses_none() {
    let template = template();
    let mut sources: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, function) in of_type(&template, "AWS::Serverless::Function") {
        for event in function["Properties"]["Events"].as_object().into_iter().flat_map(Map::values) {
            let properties = &event["Properties"];
            match event["Type"].as_str().unwrap() {
                "DynamoDB" => {
                    *sources.entry("stream").or_default() += 1;
                    assert_eq!(properties["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{name}");
                    assert_eq!(properties["BisectBatchOnFunctionError"], json!(true), "{name}");
                    assert!(properties["DestinationConfig"]["OnFailure"].is_object(), "{name}");
                    let pattern = properties["FilterCriteria"]["Filters"][0]["Pattern"].as_str().unwrap();
                    let pattern: Value = serde_json::from_str(pattern).unwrap();
                    assert_eq!(pattern["eventName"], json!(["INSERT"]), "{name}");
                }
                "ScheduleV2" => {
                    let input: Value = serde_json::from_str(properties["Input"].as_str().unwrap()).unwrap();
                    assert_eq!(input, json!({ "time": "<aws.scheduler.scheduled-time>" }), "{name}");
                    assert_eq!(properties["OmitName"], true, "{name}: another stack would have the same schedule");
                }
                "S3" => {
                    assert!(function["Properties"]["DeadLetterQueue"].is_object(), "{name}");
                    assert_eq!(properties["Filter"]["S3Key"]["Rules"][0], json!({ "Name": "prefix", "Value": "raw/" }));
                }
                "EventBridgeRule" => {
                    assert!(function["Properties"]["DeadLetterQueue"].is_object(), "{name}");
                    let pattern = &properties["Pattern"];
                    assert_eq!(pattern["source"], json!(["aws.ses"]), "{name}");
                    let ours = json!([{ "Ref": "MailConfiguration" }]);
                    assert_eq!(pattern["detail"]["mail"]["tags"]["ses:configuration-set"], ours, "{name}");
                }
                other => panic!("{name}: nobody thought about {other}"),
            }
        }
    }
    // DynamoDB Streams takes two readers of a shard without throttling (Developer Guide, "Streams").
    assert!(sources.get("stream").copied().unwrap_or(0) <= 2, "more than two functions read the stream");
}
