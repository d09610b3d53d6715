"""See new-endpoint. Everything comes in the environment, already checked."""

import os
import pathlib
import re
import sys

root = pathlib.Path(os.environ["ROOT_OF"])
service, operation = os.environ["SERVICE"], os.environ["OPERATION"]
method, variant, path = os.environ["METHOD"], os.environ["VARIANT"], os.environ["PATH_OF"]
dry_run = bool(os.environ.get("DRY_RUN"))
type_name = "".join(word.capitalize() for word in operation.split("_"))
tools = "".join(word.capitalize() for word in service.split("_")) + "Tools"
parameters = re.findall(r"\{([a-z0-9_]+)\}", path)
summary = operation.replace("_", " ").capitalize()

fields = "".join(f"    /// From the path.\n    pub {name}: String,\n" for name in parameters)
request = f"{type_name}Request" if parameters else "Empty"
request_type = f"""
/// What is asked. Give each field the domain type whose constructor is its validation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct {request} {{
{fields}}}
""" if parameters else ""
names = ["Context", "Endpoint", "Method", "Okay", "Route", "SignedIn"] + ([] if parameters else ["Empty"])
imports = "use schemars::JsonSchema;\nuse serde::{Deserialize, Serialize};\n"

source = f"""//! {summary}.

{imports}use shared::{{
    Failure,
    api::{{{", ".join(sorted(names))}}},
}};

use crate::{tools};
{request_type}
/// The answer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct {type_name}Reply {{}}

/// See the head of this file.
#[derive(Debug)]
pub struct {type_name};

impl Endpoint for {type_name} {{
    const ROUTE: Route =
        Route::new("{service}.{operation}", Method::{variant}, "{path}").summary("{summary}").touches(&[]);
    const ERRORS: &'static [domain::ErrorCode] = &[];

    type Tools = {tools};
    type Caller = SignedIn;
    type Request = {request};
    type Reply = Okay<{type_name}Reply>;

    async fn handle(_: &{tools}, _: SignedIn, _: {request}, _: &Context) -> Result<Self::Reply, Failure> {{
        Ok(Okay({type_name}Reply {{}}))
    }}
}}
"""

values = "".join(f'.path("{name}", "1")' for name in parameters)
body = ".json(json!({}))" if method in ("POST", "PUT", "PATCH") else ""
unknown = '.json(json!({ "surprise": true }))' if body else '.query("surprise=true")'
call = f'app.call("{service}.{operation}"){values}'
test = f"""use serde_json::json;
use testkit::TestApp;

#[tokio::test]
async fn a_stranger_is_asked_to_sign_in() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    {call}{body}.send().await.assert_refused(401, "auth.sign_in_needed");
}}

#[tokio::test]
async fn an_unknown_field_is_refused() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    let mina = app.user("mina").await;
    {call}{unknown}.as_user(&mina).send().await.assert_refused(400, "request.invalid");
}}

#[tokio::test]
async fn a_member_gets_an_answer() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = {call}{body}.as_user(&mina).send().await;
    assert_eq!(answer.json(), json!({{}}));
}}
"""


def write(name, text):
    target = root / name
    if dry_run:
        print(f"would write {name}, {text.count(chr(10))} lines")
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(f"wrote {name}")


def with_module(text, line):
    """Adds a `mod` line among its like, in order."""
    is_public = line.startswith("pub ")
    lines = text.split("\n")
    known = [place for place, old in enumerate(lines) if re.match(r"(pub )?mod \w+;$", old)]
    known = [place for place in known if lines[place].startswith("pub ") == is_public]
    later = [place for place in known if lines[place] > line]
    # The modules of tests stand under an attribute, so that clippy knows them for tests.
    new = [line] if is_public else ["#[cfg(test)]", line]
    if known:
        place = later[0] - len(new) + 1 if later else known[-1] + 1
        lines[place:place] = new
    else:
        first = next((place for place, old in enumerate(lines) if old and not old.startswith("//")), len(lines))
        lines[first:first] = [*new, ""]
    return "\n".join(lines)


library = root / "functions" / service / "src/lib.rs"
text = with_module(library.read_text(encoding="utf-8"), f"pub mod {operation};")
entry = f"&{operation}::{type_name}"
match = re.search(r"endpoints: &\[(.*?)\]", text, re.S)
if not match:
    sys.exit(f"functions/{service}/src/lib.rs has no `endpoints: &[...]`; add {entry} to its table of contents yourself")
entries = [*filter(None, (old.strip() for old in match[1].split(","))), entry]
listed = "".join(f"\n        {old}," for old in entries) + "\n    "
text = text[: match.start()] + f"endpoints: &[{listed}]" + text[match.end() :]

api = root / "functions" / service / "tests/api/main.rs"
tests = api.read_text(encoding="utf-8") if api.is_file() else f"//! The tests of the `{service}` service, a file for each endpoint.\n"
write(f"functions/{service}/src/{operation}.rs", source)
write(f"functions/{service}/src/lib.rs", text)
write(f"functions/{service}/tests/api/{operation}.rs", test)
write(f"functions/{service}/tests/api/main.rs", with_module(tests, f"mod {operation};"))
