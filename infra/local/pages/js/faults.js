import { ask, byId, make, row, showing } from "./common.js";

const ENGINES = {
  database: "Database (DynamoDB)", objects: "Objects (S3)", mail: "Mail (SES)", secrets: "Secrets (SSM)", toss: "Payments (Toss)",
  google: "Login (Google)", kakao: "Login (Kakao)",
};
const KINDS = {
  server_error: "Answers 500, nothing is done",
  throttle: "Is too busy, nothing is done",
  time_out_before: "Does not answer, nothing is done",
  time_out_after_apply: "Does it, but does not answer",
  transaction_conflict: "Another transaction is in the way",
  stale_index: "An index is behind its table",
  duplicate: "Delivers twice",
  reorder: "Delivers in another order",
  reject: "Refuses by its own rules",
  bad_request: "Says that it cannot read the request (mail)",
  garbage: "Answers with a page that has nothing to do with it (logins)",
  slow: "Answers 2 seconds late",
};
const FLAW = "id_token:";

let plan = null;

function kindText(kind) {
  if (typeof kind === "string") return KINDS[kind] ?? kind;
  return kind.id_token ? flawText(kind.id_token) : `Answers ${kind.slow_ms} ms late`;
}

function flawText(flaw) {
  return `Hands out a wrong ID token: ${flaw.replaceAll("_", " ")}`;
}

function kindOf(value) {
  if (value.startsWith(FLAW)) return { id_token: value.slice(FLAW.length) };
  return value === "slow" ? { slow_ms: 2000 } : value;
}

function show(answer) {
  plan = answer.plan;
  const rules = plan?.rules ?? [];
  byId("clear").hidden = rules.length === 0;
  byId("plan").replaceChildren(rules.length === 0
    ? make("p", { class: "soft" }, "Nothing goes wrong on purpose.")
    : make("table", { class: "cards" },
      make("thead", {}, make("tr", {}, ["Engine", "What", "Operation", "How often"].map((text) => make("th", {}, text)))),
      make("tbody", {}, rules.map((rule) => row(
        ENGINES[rule.engine] ?? rule.engine, kindText(rule.kind), make("code", {}, rule.operation ?? "every one"),
        `${rule.per_mille} of 1,000${rule.times ? `, at most ${rule.times}` : ""}`)))));
}

const form = byId("form");
for (const [name, choices] of [["engine", ENGINES], ["kind", KINDS]]) {
  form.elements[name].append(...Object.entries(choices).map(([value, text]) => make("option", { value }, text)));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  showing("done", async () => {
    const field = (name) => form.elements[name].value.trim();
    const rule = {
      engine: field("engine"),
      kind: kindOf(field("kind")),
      per_mille: Number(field("per_mille")),
    };
    if (field("operation") !== "") rule.operation = field("operation");
    if (field("times") !== "") rule.times = Number(field("times"));
    show(await ask("/_local/faults", { seed: Number(field("seed")), rules: [...(plan?.rules ?? []), rule] }));
    byId("done").textContent = "Added.";
  });
});

byId("clear").addEventListener("click", () => showing("done", async () => {
  show(await ask("/_local/faults", { seed: 0, rules: [] }));
  byId("done").textContent = "Nothing goes wrong on purpose any more.";
}));

showing("done", async () => {
  show(await ask("/_local/faults"));
  const { flaws } = await ask("/_local/logins");
  form.elements.kind.append(...flaws.map((flaw) => make("option", { value: FLAW + flaw }, flawText(flaw))));
});
