"""See test-documents. Usage: test-documents.py TEMPLATE OPENAPI EVENTS_FOLDER"""

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


def check_template(path):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    template = yaml_parse(text)
    for resource in template["Resources"].values():
        # `sam deploy` uploads the folder and puts its address here.
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    parameters = parameters_of(template)
    translated = transform(template, parameters, NoManagedPolicies())
    compact = json.dumps(translated, separators=(",", ":"))
    resources = translated["Resources"]
    print(f"{path}: {len(resources)} resources, {len(compact):,} bytes after translation")
    if len(resources) > RESOURCES_MAX:
        sys.exit(f"{len(resources)} resources; at most {RESOURCES_MAX}: split the stack")
    if len(compact) > BYTES_MAX:
        sys.exit(f"{len(compact)} bytes; at most {BYTES_MAX}: split the stack")
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            size = len(json.dumps(resource["Properties"].get("Policies", []), separators=(",", ":")))
            if size > POLICY_MAX:
                sys.exit(f"{name}: its policies have {size} characters; IAM takes {POLICY_MAX}")
    for logical_id, name in names(resources):
        spelled = name.get("Fn::Sub", "") if isinstance(name, dict) else name
        if "${AWS::StackName}" not in spelled:
            sys.exit(f"{logical_id}: its name, {name}, is the same in every stack; the second one could not be made")
        longest = spelled.replace("${AWS::StackName}", "s" * STACK_NAME_MAX).replace("${AWS::AccountId}", "0" * 12)
        if len(longest) > NAME_MAX:
            sys.exit(f"{logical_id}: its name, {spelled}, can have {len(longest)} characters; at most {NAME_MAX}")
    # Roles that SAM would make by itself grant more than was declared.
    ours = {name for name, resource in yaml_parse(text)["Resources"].items()}
    foreign = [n for n, r in resources.items() if r["Type"] == "AWS::IAM::Role" and n not in ours]
    if foreign:
        sys.exit(f"SAM made roles of its own: {', '.join(foreign)}; give their functions or events a role")


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
