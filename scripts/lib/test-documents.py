"""See test-documents. Usage: test-documents.py TEMPLATE OPENAPI EVENTS_FOLDER"""

import copy
import itertools
import json
import pathlib
import sys

import jsonschema
from openapi_spec_validator import validate
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# A stack may have 500 resources and a template 1 MB (CloudFormation quotas); beyond these numbers
# it is time to split the stack, while there is still room to do it in peace.
RESOURCES_MAX = 450
BYTES_MAX = 700_000
# The whole product: so many functions in so many services, so many of them jobs, and a socket with so many
# routes (DESIGN.md, "Deployment"). It must leave room below RESOURCES_MAX for what nobody has thought of.
WHOLE_FUNCTIONS = 130
WHOLE_SERVICES = 16
WHOLE_JOBS_MORE = 10
WHOLE_SOCKET_ROUTES = 6
WHOLE_RESOURCES_MAX = 380
# An inline policy may have 10,240 characters over all policies of a role, without white space.
POLICY_MAX = 10_240
# What scripts/lib/common.sh lets a stack be called, and the least that AWS takes of what has a name: a
# bucket takes 63 characters, a function 64, everything else more.
STACK_NAME_MAX = 30
NAME_MAX = 63


class NoManagedPolicies:
    """Our roles name every action themselves, so the translator has no policy to look up."""

    def load(self):
        return {}


def parameters_of(template):
    """What CloudFormation would have put in place of the parameters."""
    values = {"AWS::Region": "ap-northeast-2", "AWS::Partition": "aws", "AWS::AccountId": "000000000000"}
    for name, parameter in template["Parameters"].items():
        values[name] = parameter.get("Default", "https://shop.example.com")
    return values


def names(resources):
    """The names that the template gives: what has none is named by CloudFormation, after the stack."""
    for logical_id, resource in resources.items():
        kind = resource["Type"].rsplit("::")[-1]
        if kind == "Stage":
            continue  # Its name is its API's own.
        properties = resource.get("Properties", {})
        for part in [properties, *(value for key, value in properties.items() if key.endswith("Config"))]:
            for key in ("Name", f"{kind}Name"):
                if key in part:
                    yield logical_id, part[key]


def translate(template):
    """What CloudFormation gets: resources, and the text as it counts."""
    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        # `sam deploy` uploads the folder and puts its address here.
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    translated = transform(template, parameters_of(template), NoManagedPolicies())
    return translated["Resources"], json.dumps(translated, separators=(",", ":"))


def check_sizes(what, resources, compact, resources_max):
    print(f"{what}: {len(resources)} resources of {resources_max}, {len(compact):,} bytes of {BYTES_MAX:,} after translation")
    if len(resources) > resources_max:
        sys.exit(f"{len(resources)} resources; at most {resources_max}: split the stack")
    if len(compact) > BYTES_MAX:
        sys.exit(f"{len(compact)} bytes; at most {BYTES_MAX}: split the stack")
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            size = len(json.dumps(resource["Properties"].get("Policies", []), separators=(",", ":")))
            if size > POLICY_MAX:
                sys.exit(f"{name}: its policies have {size} characters; IAM takes {POLICY_MAX}")


def integration_of(name):
    """How a route of the API calls a function."""
    uri = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${%s.Arn}/invocations"
    return {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "payloadFormatVersion": "2.0",
        "credentials": {"Fn::GetAtt": ["GatewayRole", "Arn"]},
        "uri": {"Fn::Sub": uri % name},
    }


def whole_product(template):
    """The template as it will be: what is there, copied until the numbers are those of the whole product.

    Each copy gets a role of its own, though some of the real ones will share theirs.
    """
    whole = copy.deepcopy(template)
    resources = whole["Resources"]
    functions = [name for name, r in resources.items() if r["Type"] == "AWS::Serverless::Function"]
    scheduled = [n for n in functions if "Tick" in resources[n]["Properties"].get("Events", {})]
    routed = [n for n in functions if not resources[n]["Properties"].get("Events")]
    paths = resources["HttpApi"]["Properties"]["DefinitionBody"]["paths"]
    statements = [resources[n]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0] for n in ("GatewayRole", "SchedulerRole")]

    def copied(original, name):
        function = copy.deepcopy(resources[original])
        role = function["Properties"]["Role"]["Fn::GetAtt"][0]
        resources[f"RoleOf{name}"] = copy.deepcopy(resources[role])
        function["Properties"]["Role"] = {"Fn::GetAtt": [f"RoleOf{name}", "Arn"]}
        function["Properties"]["FunctionName"] = {"Fn::Sub": "${AWS::StackName}-" + name.lower()}
        resources[name] = function

    services = [name.removesuffix("Logs") for name, r in resources.items() if name.endswith("Logs") and r["Type"] == "AWS::Logs::LogGroup"]
    for number in range(len(services), WHOLE_SERVICES):
        for part in ("Logs", "Errors", "Broken"):
            more = copy.deepcopy(resources[f"Auth{part}"])
            more.pop("Condition", None)
            resources[f"More{number}{part}"] = more
        statements[0]["Resource"].append({"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-more%d-*" % number})
    for number, original in zip(range(WHOLE_JOBS_MORE), itertools.cycle(scheduled)):
        copied(original, f"MoreJob{number}")
        statements[1]["Resource"].append({"Fn::GetAtt": [f"MoreJob{number}", "Arn"]})
    socket = {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action", "Name": {"Ref": "AWS::StackName"}}
    resources["Socket"] = {"Type": "AWS::ApiGatewayV2::Api", "Properties": socket}
    resources["SocketStage"] = {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Socket"}, "StageName": "ws", "AutoDeploy": True}}
    for number in range(WHOLE_SOCKET_ROUTES):
        name = f"MoreSocket{number}"
        copied(routed[number], name)
        call = integration_of(name)
        resources[f"{name}Integration"] = {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {"ApiId": {"Ref": "Socket"}, "IntegrationType": "AWS_PROXY", "IntegrationUri": call["uri"], "CredentialsArn": call["credentials"]},
        }
        target = {"Fn::Sub": "integrations/${%sIntegration}" % name}
        resources[f"{name}Route"] = {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Socket"}, "RouteKey": f"more{number}", "Target": target}}
    for number, original in zip(range(WHOLE_FUNCTIONS - len(functions) - WHOLE_JOBS_MORE - WHOLE_SOCKET_ROUTES), itertools.cycle(routed)):
        copied(original, f"More{number}")
        paths[f"/more/{number}"] = {"post": {"responses": {}, "x-amazon-apigateway-integration": integration_of(f"More{number}")}}
    return whole


def check_template(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    template = yaml_parse(text)
    resources, compact = translate(template)
    check_sizes(path, resources, compact, RESOURCES_MAX)
    check_sizes("the whole product", *translate(whole_product(template)), WHOLE_RESOURCES_MAX)
    for logical_id, name in names(resources):
        spelled = name.get("Fn::Sub", "") if isinstance(name, dict) else name
        if "${AWS::StackName}" not in spelled:
            sys.exit(f"{logical_id}: its name, {name}, is the same in every stack; the second one could not be made")
        longest = spelled.replace("${AWS::StackName}", "s" * STACK_NAME_MAX).replace("${AWS::AccountId}", "0" * 12)
        if len(longest) > NAME_MAX:
            sys.exit(f"{logical_id}: its name, {spelled}, can have {len(longest)} characters; at most {NAME_MAX}")
    # What SAM would make by itself: roles that grant more than was declared, and a permission for each
    # route, where one role calls all functions.
    foreign = [n for n, r in resources.items() if r["Type"] == "AWS::IAM::Role" and n not in template["Resources"]]
    if foreign:
        sys.exit(f"SAM made roles of its own: {', '.join(foreign)}; give their functions or events a role")
    permissions = [n for n, r in resources.items() if r["Type"] == "AWS::Lambda::Permission"]
    called = {json.dumps(resources[n]["Properties"]["Principal"]) for n in permissions}
    if not called <= {'"s3.amazonaws.com"', '"events.amazonaws.com"'}:
        sys.exit(f"permissions to call functions: {', '.join(permissions)}; the gateway and the scheduler have roles")


def check_openapi(path):
    document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    validate(document)
    base = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"]}
    examples = 0
    for address, methods in document["paths"].items():
        for method, operation in methods.items():
            contents = [operation.get("requestBody", {}).get("content", {})]
            contents += [answer.get("content", {}) for answer in operation["responses"].values()]
            for content in contents:
                for media in content.values():
                    values = [media["example"]] if "example" in media else []
                    values += [example["value"] for example in media.get("examples", {}).values()]
                    for value in values:
                        try:
                            jsonschema.Draft202012Validator({**base, **media["schema"]}).validate(value)
                        except jsonschema.ValidationError as error:
                            sys.exit(f"{method} {address}: an example is not of its own schema: {error.message}")
                        examples += 1
    print(f"{path}: valid OpenAPI, {len(document['paths'])} paths, {examples} examples of their schemas")


def check_events(folder):
    """Each event is JSON; `sam local invoke` reads nothing else of it."""
    events = sorted(pathlib.Path(folder).glob("*.json"))
    for event in events:
        json.loads(event.read_text(encoding="utf-8"))
    print(f"{folder}: {len(events)} events")


if __name__ == "__main__":
    check_template(sys.argv[1])
    check_openapi(sys.argv[2])
    check_events(sys.argv[3])
