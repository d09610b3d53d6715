//! template.yaml: infra/base.yaml with the functions, their roles, log groups and alarms put in.

use std::{fmt::Write as _, fs, path::Path};

use shared::api::Trigger;

use super::{
    Function, GenerateError, Generated, Inventory,
    binaries::NOTICE,
    environment, gateway,
    name::{Name, camel},
    roles::{self, Role},
};

/// Where in infra/base.yaml the functions go.
const MARKER: &str = "  # @GENERATED@\n";

/// Where in infra/base.yaml the properties of the table go: `shared::store::schema` has them.
const TABLE: &str = "      # @TABLE@\n";

/// Where in infra/base.yaml the routes of the API go.
const ROUTES: &str = "        # @ROUTES@\n";

/// Where in infra/base.yaml the names of the frontend's pages go.
const PAGES: &str = "\"@PAGES@\"";

/// Alarms that CloudWatch gives for nothing, less the two that infra/base.yaml has of its own.
const FREE_ALARMS: usize = 8;

/// How often a stream's record is tried before it goes to the queue. With the pauses that Lambda
/// makes between tries this outlasts a disturbance of some minutes, of the table or of the function: an
/// effect that fails is not tried again here, but left to the sweep.
const STREAM_RETRIES: u32 = 10;

/// After how long a stream's record is given up, in seconds: an hour.
const STREAM_AGE_S: u32 = 3600;

/// The template.
///
/// # Errors
/// When infra/base.yaml cannot be read or has no marker, or the frontend cannot be listed.
pub fn file(root: &Path, inventory: &Inventory) -> Result<Generated, GenerateError> {
    let path = root.join("infra/base.yaml");
    let base = fs::read_to_string(&path).map_err(|error| GenerateError::File(path.clone(), error))?;
    if let Some(missing) = [MARKER, TABLE, ROUTES, PAGES].into_iter().find(|marker| !base.contains(*marker)) {
        return Err(GenerateError::Definition(format!("infra/base.yaml has no {missing:?}")));
    }
    let text = base
        .replace(PAGES, &pages(root)?)
        .replace(TABLE, &table()?)
        .replace(ROUTES, &gateway::routes(inventory)?)
        .replace(MARKER, &resources(inventory)?);
    Ok(Generated::new("template.yaml", format!("# {NOTICE}\n{text}")))
}

/// The properties of the table, as YAML below `Properties`.
fn table() -> Result<String, GenerateError> {
    let properties = shared::store::schema::table();
    let yaml = serde_yaml_ng::to_string(&properties).map_err(|error| GenerateError::Definition(error.to_string()))?;
    Ok(yaml.lines().map(|line| format!("      {line}\n")).collect())
}

/// The names of the frontend's pages, as a list in JavaScript.
fn pages(root: &Path) -> Result<String, GenerateError> {
    let folder = root.join("frontend");
    let entries = fs::read_dir(&folder).map_err(|error| GenerateError::File(folder.clone(), error))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".html").map(|name| format!("\"{name}\"")))
        .collect();
    names.sort_unstable();
    Ok(names.join(", "))
}

fn resources(inventory: &Inventory) -> Result<String, GenerateError> {
    let functions = inventory.functions();
    let roles = roles::roles(&functions);
    let mut text = String::new();
    let mut alarms = 0_usize;
    for service in &inventory.services {
        let of_service: Vec<&Function<'_>> =
            functions.iter().filter(|function| function.service() == *service).collect();
        if of_service.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n  # {:-<88}", format!("{service} "));
        text.push_str(&watch(service, alarms >= FREE_ALARMS));
        alarms = alarms.saturating_add(1);
        for function in of_service {
            text.push_str(&resource(function, &roles)?);
        }
    }
    if functions.iter().any(|function| matches!(trigger(function), Some(Trigger::EveryMinutes(_)))) {
        text.push_str(&scheduler_role(&functions));
    }
    if !inventory.endpoints.is_empty() {
        text.push_str(&gateway::role(inventory));
    }
    if !roles.is_empty() {
        let _ = writeln!(text, "\n  # {:-<88}", "roles ");
    }
    for role in &roles {
        text.push_str(&roles::resource(role));
    }
    Ok(text.trim_start_matches('\n').to_owned())
}

const fn trigger(function: &Function<'_>) -> Option<Trigger> {
    match function {
        Function::Endpoint(_) => None,
        Function::Job(job) => Some(job.route.trigger),
    }
}

/// A service's log group, and an alarm on what goes wrong in any of its functions. An alarm on
/// metric math would count (and cost) once for each function in it; one on a metric that a filter
/// of the log counts is one alarm. The filter writes nothing while nothing is wrong.
fn watch(service: &str, is_extra: bool) -> String {
    let camel = camel(service);
    let condition = if is_extra { "    Condition: HasMoreAlarms\n" } else { "" };
    format!(
        "  {camel}Logs:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub \"/aws/lambda/${{AWS::StackName}}-{service}\"
      RetentionInDays: !Ref LogRetentionDays
  {camel}Errors:
    Type: AWS::Logs::MetricFilter
{condition}    Properties:
      LogGroupName: !Ref {camel}Logs
      FilterPattern: >-
        {{ ($.level = \"error\") || ($.record.status = \"error\") || ($.record.status = \"failure\") ||
        ($.record.status = \"timeout\") }}
      MetricTransformations:
        - {{ MetricNamespace: !Ref \"AWS::StackName\", MetricName: errors-{service}, MetricValue: \"1\" }}
  {camel}Broken:
    Type: AWS::CloudWatch::Alarm
{condition}    Properties:
      AlarmDescription: A function of {service} broke. Its log group has the lines with level error.
      Namespace: !Ref \"AWS::StackName\"
      MetricName: errors-{service}
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
      TreatMissingData: notBreaching
      AlarmActions: !If [HasAlarmMail, [!Ref Alarms], !Ref \"AWS::NoValue\"]
"
    )
}

fn resource(function: &Function<'_>, roles: &[Role]) -> Result<String, GenerateError> {
    let id = function.id();
    let name =
        Name::of(id).ok_or_else(|| GenerateError::Definition(format!("{id} is not spelled service.verb_noun")))?;
    let role = roles
        .iter()
        .find(|role| role.functions.contains(&id))
        .ok_or_else(|| GenerateError::Definition(format!("{id} has no role")))?;
    let binary = name.binary();
    let mut text = format!(
        "  {}:
    Type: AWS::Serverless::Function
    Metadata: {{ SkipBuild: true }}
    Properties:
      FunctionName: !Sub \"${{AWS::StackName}}-{binary}\"
      Description: {}
      CodeUri: target/lambda/{binary}/
      MemorySize: {}
      Timeout: {}
      Role: !GetAtt {}.Arn
      LoggingConfig: {{ LogFormat: JSON, LogGroup: !Ref {}Logs }}
",
        name.logical_id(),
        serde_json::Value::from(function.summary()),
        function.memory_mb(),
        function.time_out_s(),
        role.logical_id,
        camel(function.service()),
    );
    if let Some(parameter) = environment::concurrency(function) {
        let _ = writeln!(
            text,
            "      ReservedConcurrentExecutions: !If [Has{parameter}, !Ref {parameter}, !Ref \"AWS::NoValue\"]"
        );
    }
    let variables = environment::variables(function);
    if !variables.is_empty() {
        text.push_str("      Environment:\n        Variables:\n");
    }
    for (variable, value) in variables {
        let _ = writeln!(text, "          {variable}: {value}");
    }
    if let Some(trigger) = trigger(function) {
        text.push_str(&event(trigger));
    }
    Ok(text)
}

/// What makes a job run. Endpoints are called by the routes of the API.
fn event(trigger: Trigger) -> String {
    match trigger {
        Trigger::EveryMinutes(minutes) => schedule(minutes),
        Trigger::NewItems(kind) => stream(kind.as_str()),
        Trigger::Upload => upload(),
        Trigger::Events { source, detail_types } => events(source, detail_types),
    }
}

/// The schedule tells the function which moment it stands for (EventBridge Scheduler User Guide,
/// "Adding context attributes"). It does not repeat a failed run: the next one does the same work.
/// CloudFormation names it: SAM would give it one name in every stack of the account.
fn schedule(minutes: u32) -> String {
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    format!(
        "      Events:
        Tick:
          Type: ScheduleV2
          Properties:
            OmitName: true
            ScheduleExpression: rate({minutes} {unit})
            FlexibleTimeWindow: {{ Mode: \"OFF\" }}
            Input: '{{\"time\":\"<aws.scheduler.scheduled-time>\"}}'
            RoleArn: !GetAtt SchedulerRole.Arn
            RetryPolicy: {{ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }}
"
    )
}

fn stream(kind: &str) -> String {
    format!(
        "      Events:
        NewItems:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 25
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            MaximumRetryAttempts: {STREAM_RETRIES}
            MaximumRecordAgeInSeconds: {STREAM_AGE_S}
            DestinationConfig: {{ OnFailure: {{ Destination: !GetAtt DeadLetters.Arn }} }}
            FilterCriteria:
              Filters:
                - Pattern: '{{\"eventName\":[\"INSERT\"],\"dynamodb\":{{\"NewImage\":{{\"kind\":{{\"S\":[\"{kind}\"]}}}}}}}}'
"
    )
}

fn upload() -> String {
    "      DeadLetterQueue: { Type: SQS, TargetArn: !GetAtt DeadLetters.Arn }
      Events:
        Upload:
          Type: S3
          Properties:
            Bucket: !Ref UploadsBucket
            Events: s3:ObjectCreated:*
            Filter: { S3Key: { Rules: [{ Name: prefix, Value: raw/ }] } }
"
    .to_owned()
}

/// Events of the account's bus. All stacks of the account share it: the pattern lets in what is of
/// this one. SES tags its events with the configuration set.
fn events(source: &str, detail_types: &[&str]) -> String {
    let detail_types = detail_types.join(", ");
    let ours = if source == "aws.ses" {
        "              detail: { mail: { tags: { \"ses:configuration-set\": [!Ref MailConfiguration] } } }\n"
    } else {
        ""
    };
    format!(
        "      DeadLetterQueue: {{ Type: SQS, TargetArn: !GetAtt DeadLetters.Arn }}
      Events:
        Event:
          Type: EventBridgeRule
          Properties:
            Pattern:
              source: [{source}]
              detail-type: [{detail_types}]
{ours}"
    )
}

/// One role for the scheduler, which may call the scheduled functions and nothing else.
fn scheduler_role(functions: &[Function<'_>]) -> String {
    let mut text = "  SchedulerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - Effect: Allow
            Principal: { Service: scheduler.amazonaws.com }
            Action: sts:AssumeRole
            Condition: { StringEquals: { \"aws:SourceAccount\": !Ref \"AWS::AccountId\" } }
      Policies:
        - PolicyName: calls-scheduled-functions
          PolicyDocument:
            Version: \"2012-10-17\"
            Statement:
              - Effect: Allow
                Action: lambda:InvokeFunction
                Resource:
"
    .to_owned();
    for function in functions {
        if let (Some(Trigger::EveryMinutes(_)), Some(name)) = (trigger(function), Name::of(function.id())) {
            let _ = writeln!(text, "                  - !GetAtt {}.Arn", name.logical_id());
        }
    }
    text
}
