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

kind = os.environ.get("KIND", "plain")
call = f'app.call("{service}.{operation}")'
http_body = method in ("POST", "PUT", "PATCH")


class Shape:
    """What the kinds of endpoints differ in."""

    #: the caller, the imports from shared::api, the fields of the request, of the reply
    caller = "SignedIn"
    names = ("SignedIn",)
    fields = {name: "String" for name in parameters}
    reply = {}
    route = f'Route::new("{service}.{operation}", Method::{variant}, "{path}")'


class Store(Shape):
    caller = "StoreMember"
    names = ("StoreMember",)
    fields = {**Shape.fields, "store_id": "StoreId"}


DOCS = {
    "store_id": "The store: whose member asks was checked before the handler runs.",
}


def struct(name, fields, derives, strict):
    lines = []
    for field, type_ in fields.items():
        lines.append(f"    /// {DOCS.get(field, 'From the path.')}\n")
        lines.append("    #[serde(default)]\n" if strict and type_.startswith("Option") else "")
        lines.append(f"    pub {field}: {type_},\n")
    deny = "#[serde(deny_unknown_fields)]\n" if strict else ""
    return f"#[derive({derives})]\n{deny}pub struct {name} {{\n{''.join(lines)}}}\n"


def webhook():
    """An endpoint that a provider's program calls, and its tests."""
    source = f"""//! {summary}: a provider tells of something. Nobody signed it, so it is a hint that makes us ask.

use serde::Deserialize;
use shared::{{
    Failure,
    api::{{Context, Empty, Endpoint, Hint, NoContent, Route}},
}};

use crate::{tools};

/// What is taken out of the body. Other fields are passed over, since providers add some at any time.
#[derive(Debug, Deserialize)]
struct Told {{
    /// The provider's name of the thing to ask about.
    id: String,
}}

/// `{method} {path}`.
#[derive(Debug)]
pub struct {type_name};

impl Endpoint for {type_name} {{
    const ROUTE: Route = Route::webhook("{service}.{operation}", "{path}").summary("{summary}").touches(&[]);
    const ERRORS: &'static [domain::ErrorCode] = &[];

    type Tools = {tools};
    type Caller = Hint;
    type Request = Empty;
    type Reply = NoContent;

    async fn handle(_: &{tools}, hint: Hint, _: Empty, _: &Context) -> Result<NoContent, Failure> {{
        let Some(Told {{ id }}) = hint.json() else {{ return Ok(NoContent) }};
        // Ask the provider about it, and do what its answer says.
        drop(id);
        Ok(NoContent)
    }}
}}
"""
    test = f"""use testkit::TestApp;

#[tokio::test]
async fn what_is_told_is_taken_whoever_tells_it() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    let answer = {call}.body("application/json", r#"{{"id":"1","more":true}}"#).send().await;
    assert_eq!(answer.status, 204);
}}

#[tokio::test]
async fn nonsense_of_any_type_is_answered_and_changes_nothing() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    for (content_type, body) in [("text/plain", "banana"), ("application/json", "{{"), ("application/xml", "<a/>"), ("", "")] {{
        let answer = {call}.body(content_type, body).send().await;
        assert_eq!(answer.status, 204, "{{content_type}}");
    }}
    assert!(app.items().is_empty());
}}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    {call}.body("text/plain", vec![b'x'; 64 * 1024 + 1]).send().await.assert_refused(413, "request.too_large");
}}
"""
    return source, test


def paged():
    """A list, and its tests: see shared/src/api/paging.rs."""
    fields = "".join(f"    /// From the path.\n    pub {name}: String,\n" for name in parameters)
    source = f"""//! {summary}, a page at a time.

use schemars::JsonSchema;
use serde::{{Deserialize, Serialize}};
use shared::{{
    Failure,
    api::{{Context, Cursor, Endpoint, Method, Okay, Page, PageSize, Pages, Route, SignedIn, Tools as _, problem}},
    store::{{Listed, cursor::List}},
    touches,
}};

use crate::{tools};

/// Which page of the list. A filter that is added here is added to `filters` below, which cursors are bound to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct {type_name}Request {{
{fields}    /// How many.
    #[serde(default)]
    pub limit: PageSize,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    pub cursor: Option<Cursor>,
}}

/// What the list shows of one thing.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub struct {type_name}Item {{}}

/// `{method} {path}`.
#[derive(Debug)]
pub struct {type_name};

impl Endpoint for {type_name} {{
    const ROUTE: Route = {Shape.route}.summary("{summary}").touches(touches![Pages::TOUCHES, &[]]);
    const ERRORS: &'static [domain::ErrorCode] = &[problem::codes::CURSOR_INVALID];

    type Tools = {tools};
    type Caller = SignedIn;
    type Request = {type_name}Request;
    type Reply = Okay<Page<{type_name}Item>>;

    async fn handle(
        tools: &{tools},
        caller: SignedIn,
        request: {type_name}Request,
        context: &Context,
    ) -> Result<Self::Reply, Failure> {{
        let (principal, filters) = (caller.user_id.to_string(), {f'[{", ".join(f"request.{name}.as_str()" for name in parameters)}].join("&")' if parameters else 'String::new()'});
        let list = List {{ operation: Self::ROUTE.id, principal: &principal, filters: &filters }};
        let pages = tools.core().pages(list, context.now)?;
        let (limit, start) = (request.limit.get(), pages.start(request.cursor.as_ref())?);
        // Ask the table for at most `limit` things behind `start`.
        drop((limit, start));
        let found: Listed<{type_name}Item> = Listed {{ items: Vec::new(), end: None }};
        Ok(Okay(pages.page(found.items, found.end.as_ref())?))
    }}
}}
"""
    values = "".join(f'.path("{name}", "1")' for name in parameters)
    here = f"{call}{values}"
    test = f"""use serde_json::json;
use testkit::TestApp;

#[tokio::test]
async fn a_stranger_is_asked_to_sign_in() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    {here}.send().await.assert_refused(401, "auth.sign_in_needed");
}}

#[tokio::test]
async fn an_unknown_field_is_refused() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    let mina = app.user("mina").await;
    {here}.query("surprise=true").as_user(&mina).send().await.assert_refused(400, "request.invalid");
}}

#[tokio::test]
async fn attack_9_a_cursor_that_this_list_did_not_give_is_refused() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = {here}.query("cursor=banana").as_user(&mina).send().await;
    answer.assert_refused(400, "request.cursor_invalid");
}}

#[tokio::test]
async fn a_member_gets_a_page() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = {here}.as_user(&mina).send().await;
    assert_eq!(answer.json(), json!({{ "items": [], "next_cursor": null }}));
}}
"""
    return source, test


def usual(shape):
    """An endpoint for people, and its tests."""
    request = f"{type_name}Request" if shape.fields else "Empty"
    names = {"Context", "Endpoint", "Method", "Okay", "Route", *shape.names} | (set() if shape.fields else {"Empty"})
    of_domain = "use domain::ids::StoreId;\n" if "StoreId" in shape.fields.values() else ""
    asked = ""
    if shape.fields:
        asked = "/// What is asked. Give each field the domain type whose constructor is its validation.\n"
        asked += struct(request, shape.fields, "Debug, Deserialize, JsonSchema", True) + "\n"
    answer = "".join(
        f"{field}: {'None' if type_.startswith('Option') else 'Vec::new()'}, " for field, type_ in shape.reply.items()
    )
    source = f"""//! {summary}.

{of_domain}use schemars::JsonSchema;
use serde::{{Deserialize, Serialize}};
use shared::{{
    Failure,
    api::{{{", ".join(sorted(names))}}},
}};

use crate::{tools};

{asked}/// The answer.
{struct(f"{type_name}Reply", shape.reply, "Debug, Serialize, Deserialize, JsonSchema", False)}
/// `{method} {path}`.
#[derive(Debug)]
pub struct {type_name};

impl Endpoint for {type_name} {{
    const ROUTE: Route = {shape.route}.summary("{summary}").touches(&[]);
    const ERRORS: &'static [domain::ErrorCode] = &[];

    type Tools = {tools};
    type Caller = {shape.caller};
    type Request = {request};
    type Reply = Okay<{type_name}Reply>;

    async fn handle(_: &{tools}, _: {shape.caller}, _: {request}, _: &Context) -> Result<Self::Reply, Failure> {{
        Ok(Okay({type_name}Reply {{ {answer}}}))
    }}
}}
"""
    stranger = "sto_01jd7c3v1h8k2m4n6p8q0r2s4t"
    values = "".join(f'.path("{name}", "{stranger if name == "store_id" else "1"}")' for name in parameters)
    body = ".json(json!({}))" if http_body else ""
    unknown = '.json(json!({ "surprise": true }))' if http_body else '.query("surprise=true")'
    here = f"{call}{values}"
    expected = ", ".join(
        f'"{field}": {"null" if type_.startswith("Option") else "[]"}' for field, type_ in shape.reply.items()
    )
    if shape is Store:
        last = f"""#[tokio::test]
async fn to_whoever_is_no_member_the_store_is_not_there() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    let mina = app.user("mina").await;
    {here}{body}.as_user(&mina).send().await.assert_refused(404, "stores.not_found");
}}
"""
    else:
        last = f"""#[tokio::test]
async fn an_unknown_field_is_refused() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    let mina = app.user("mina").await;
    {here}{unknown}.as_user(&mina).send().await.assert_refused(400, "request.invalid");
}}

#[tokio::test]
async fn a_member_gets_an_answer() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    let mina = app.user("mina").await;
    let answer = {here}{body}.as_user(&mina).send().await;
    assert_eq!(answer.json(), json!({{ {expected} }}));
}}
"""
    json = "use serde_json::json;\n" if "json!" in last or body else ""
    test = f"""{json}use testkit::TestApp;

#[tokio::test]
async fn a_stranger_is_asked_to_sign_in() {{
    let app = TestApp::start(&{service}::SERVICE).await;
    {here}{body}.send().await.assert_refused(401, "auth.sign_in_needed");
}}

{last}"""
    return source, test


writers = {"webhook": webhook, "list": paged, "store": lambda: usual(Store)}
source, test = writers.get(kind, lambda: usual(Shape))()


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
