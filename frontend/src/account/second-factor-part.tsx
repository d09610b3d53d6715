// Two-step sign-in: turning it on with an authenticator app, and off again.

import { type Signal, useSignal } from "@preact/signals";

import { member, take } from "../api/client";
import type { components } from "../api/schema";
import { BusyButton } from "../kit/busy-button";
import { CopyButton } from "../kit/copy-button";
import { Field, Form, SubmitButton, textOf } from "../kit/form";
import { tellProblem } from "../kit/problem";
import { t } from "../texts/texts";
import { Part, type Profile, focusOn, profile, tell } from "./parts";
import { prove } from "./prove";

type Shown = { kind: "state" } | { kind: "set_up"; started: components["schemas"]["TotpStarted"] } | { kind: "codes"; codes: string[] };

/** Shows what comes next, and leads there a person who does not see the page. */
function show(shown: Signal<Shown>, next: Shown): void {
  shown.value = next;
  focusOn("#second-body :is(h3, button)");
}

function turned(shown: Signal<Shown>, isOn: boolean): void {
  if (profile.value) profile.value = { ...profile.value, second_factor: isOn };
  show(shown, { kind: "state" });
  tell(t(isOn ? "account.second_on" : "account.second_off"));
}

function StateOfIt({ user, shown, problem }: { user: Profile; shown: Signal<Shown>; problem: Signal<string> }) {
  const turn = () => tellProblem(problem, user.second_factor ? turnOff : turnOn);
  const turnOn = async () => {
    const what = { email: user.email, title: t("account.second_on_title"), submit: t("proof.go_on") };
    const proved = await prove(what, (proof) => take(member.POST("/me/totp", { body: proof })));
    if (proved !== null) show(shown, { kind: "set_up", started: proved.done });
  };
  const turnOff = async () => {
    const what = { email: user.email, title: t("account.second_off_title"), submit: t("account.second_turn_off"), secondFactor: true };
    const proved = await prove(what, (proof) => take(member.POST("/me/totp/disable", { body: proof })));
    if (proved !== null) turned(shown, false);
  };
  return (
    <div class="form">
      <p>{t(user.second_factor ? "account.second_is_on" : "account.second_is_off")}</p>
      <div>
        <BusyButton class={user.second_factor ? "button quiet" : "button"} onTap={turn}>
          {t(user.second_factor ? "account.second_turn_off" : "account.second_turn_on")}
        </BusyButton>
      </div>
    </div>
  );
}

function SetUp({ started, shown }: { started: components["schemas"]["TotpStarted"]; shown: Signal<Shown> }) {
  const enable = async (form: HTMLFormElement) => {
    const code = textOf(form, "code").replace(/\s/g, "");
    const { recovery_codes: codes } = await take(member.POST("/me/totp/enable", { body: { code } }));
    show(shown, { kind: "codes", codes });
  };
  return (
    <Form onSend={enable}>
      <h3>{t("account.second_on_title")}</h3>
      <p>{t("account.second_scan")}</p>
      <img class="qr" src={`data:image/svg+xml,${encodeURIComponent(started.qr_svg)}`} alt={t("account.second_qr")} width={200} height={200} />
      <p>
        <a href={started.uri}>{t("account.second_open_app")}</a>
      </p>
      <p class="hint">
        {t("account.second_type")} <code>{started.secret.match(/.{1,4}/g)?.join(" ")}</code>
      </p>
      <Field id="on-code" name="code" label="second.code" inputMode="numeric" autocomplete="one-time-code" maxLength={7} required />
      <div>
        <SubmitButton>{t("account.second_confirm")}</SubmitButton>
      </div>
    </Form>
  );
}

/** Shown once: a person who loses the app needs one of these. */
function RecoveryCodes({ codes, shown }: { codes: string[]; shown: Signal<Shown> }) {
  return (
    <div class="form">
      <h3>{t("account.recovery_title")}</h3>
      <p>{t("account.recovery_text")}</p>
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div class="actions">
        <CopyButton text={codes.join("\n")} label="account.copy" />
        <button class="button" type="button" onClick={() => turned(shown, true)}>
          {t("account.recovery_kept")}
        </button>
      </div>
    </div>
  );
}

export function SecondFactorPart({ user }: { user: Profile }) {
  const shown = useSignal<Shown>({ kind: "state" });
  const problem = useSignal("");
  const now = shown.value;
  return (
    <Part id="second" title="account.second" problem={problem.value}>
      <div id="second-body">
        {now.kind === "state" && <StateOfIt user={user} shown={shown} problem={problem} />}
        {now.kind === "set_up" && <SetUp started={now.started} shown={shown} />}
        {now.kind === "codes" && <RecoveryCodes codes={now.codes} shown={shown} />}
      </div>
    </Part>
  );
}
