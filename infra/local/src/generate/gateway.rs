//! How API Gateway reaches the functions: a route for each endpoint, and one role that all of them are
//! called by. A permission on each function would be one more resource for each route, of the 500
//! that a stack may have.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    iter,
};

use shared::api::{Route, route::DEFAULT_ROUTE};

use super::{GenerateError, Generated, Inventory, name::Name};

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
        let name = name_of(route)?;
        let operations = by_path.entry(route.path).or_insert_with(|| parameters(&route.path_parameters()));
        for method in methods(route) {
            operations.push_str(&integration(&method.to_ascii_lowercase(), &name));
        }
    }
    let mut text = "        paths:\n".to_owned();
    for (path, methods) in by_path {
        let _ = write!(text, "          {path}:\n{methods}");
    }
    if let Some(endpoint) = &inventory.default_route {
        let operation = integration("x-amazon-apigateway-any-method", &name_of(&endpoint.route)?);
        let _ = write!(text, "          {DEFAULT_ROUTE}:\n{operation}              isDefaultRoute: true\n");
    }
    Ok(text)
}

/// Every method and path, for the function that answers where there is no route: it says which methods a path
/// takes.
#[must_use]
pub fn list(inventory: &Inventory) -> Generated {
    let mut lines: Vec<(&str, &str)> = Vec::new();
    for route in inventory.endpoints.iter().map(|endpoint| &endpoint.route) {
        lines.extend(methods(route).map(|method| (route.path, method)));
    }
    lines.sort_unstable();
    let text = lines.into_iter().map(|(path, method)| format!("{method} {path}\n")).collect::<String>();
    Generated::new("infra/api/routes.txt", text)
}

/// The method of a route, and `HEAD` beside `GET`.
fn methods(route: &Route) -> impl Iterator<Item = &'static str> + use<> {
    let method = route.method.as_str();
    let head = Route::answers_head(method, &route.all_touches()).then_some("HEAD");
    iter::once(method).chain(head)
}

fn name_of(route: &Route) -> Result<Name, GenerateError> {
    Name::of(route.id)
        .ok_or_else(|| GenerateError::Definition(format!("{} is not spelled service.verb_noun", route.id)))
}

/// A method of a path that calls a function.
fn integration(method: &str, function: &Name) -> String {
    format!(
        "            {method}:
              responses: {{}}
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                payloadFormatVersion: \"2.0\"
                credentials: !GetAtt {ROLE}.Arn
                uri: !Sub \"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/${{{}.Arn}}/invocations\"
",
        function.logical_id(),
    )
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
