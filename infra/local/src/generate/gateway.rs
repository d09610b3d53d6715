//! How API Gateway reaches the functions: a route for each endpoint, and one role that all of them are
//! called by. A permission on each function would be one more resource for each route, of the 500
//! that a stack may have.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    iter,
};

use shared::api::Route;

use super::{GenerateError, Inventory, name::Name};

/// The name of the role in the template.
pub const ROLE: &str = "GatewayRole";

/// The routes as `paths` of the API's OpenAPI body. It says only what API Gateway needs; what clients
/// need stands in infra/api/openapi.json.
///
/// # Errors
/// When an id is not spelled by rule.
pub fn routes(inventory: &Inventory) -> Result<String, GenerateError> {
    let mut by_path: BTreeMap<&str, String> = BTreeMap::new();
    for endpoint in &inventory.endpoints {
        let route = &endpoint.route;
        let name = Name::of(route.id)
            .ok_or_else(|| GenerateError::Definition(format!("{} is not spelled service.verb_noun", route.id)))?;
        let methods = by_path.entry(route.path).or_insert_with(|| parameters(&route.path_parameters()));
        let method = route.method.as_str();
        let head = Route::answers_head(method, &route.all_touches()).then_some("HEAD");
        for method in iter::once(method).chain(head) {
            // Writing to a `String` cannot fail.
            let _ = write!(
                methods,
                "            {}:
              responses: {{}}
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                payloadFormatVersion: \"2.0\"
                credentials: !GetAtt {ROLE}.Arn
                uri: !Sub \"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{}.Arn}}/invocations\"
",
                method.to_ascii_lowercase(),
                name.logical_id(),
            );
        }
    }
    let mut text = "        paths:\n".to_owned();
    for (path, methods) in by_path {
        let _ = write!(text, "          {path}:\n{methods}");
    }
    Ok(text)
}

/// OpenAPI wants every parameter of a path declared.
fn parameters(names: &[&str]) -> String {
    if names.is_empty() {
        return String::new();
    }
    let mut text = "            parameters:\n".to_owned();
    for name in names {
        let _ =
            writeln!(text, "              - {{ name: {name}, in: path, required: true, schema: {{ type: string }} }}");
    }
    text
}

/// The role. A list of all functions would be longer than IAM takes, so it names them by service.
#[must_use]
pub fn role(inventory: &Inventory) -> String {
    let mut text = format!(
        "  {ROLE}:
    Type: AWS::IAM::Role
    Properties:
      # No condition on aws:SourceAccount or aws:SourceArn: API Gateway sends neither when it takes on
      # the role of an integration, so every request would fail. Nobody outside the account can name
      # the role: IAM lets only the account's own people pass it to an API.
      AssumeRolePolicyDocument:
        Version: \"2012-10-17\"
        Statement:
          - Effect: Allow
            Principal: {{ Service: apigateway.amazonaws.com }}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: calls-functions
          PolicyDocument:
            Version: \"2012-10-17\"
            Statement:
              - Effect: Allow
                Action: lambda:InvokeFunction
                Resource:
"
    );
    let services: BTreeSet<&str> = inventory.endpoints.iter().map(|endpoint| endpoint.service).collect();
    for service in services {
        let _ = writeln!(
            text,
            "                  - !Sub \"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:${{AWS::StackName}}-{service}-*\""
        );
    }
    text
}
