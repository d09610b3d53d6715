// A code by e-mail, and the proof of the address that it earns: the two steps that signing up and setting a
// new password share. Phones drop tabs while people look for their mail, and a new code may not be had at
// once, so what is known is kept by the tab, and the page goes on where it was.

import { type Signal, signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { anyone, take } from "../api/client";
import { ApiError } from "../api/problem";
import type { components } from "../api/schema";
import { BusyButton } from "../kit/busy-button";
import { useCountdown } from "../kit/countdown";
import { Field, type FieldErrors, Form, SubmitButton, textOf } from "../kit/form";
import { AccountOfPassword } from "../kit/password-field";
import { Problem, tellProblem } from "../kit/problem";
import { tabStore } from "../lib/storage";
import { serverNow } from "../lib/time";
import { t } from "../texts/texts";
import { Mailbox } from "./mailbox";

type Purpose = Extract<components["schemas"]["CodePurpose"], "sign_up" | "password_reset">;

const KEPT = "code_step";

/** The place in the three steps: the address, its code, and what it was for. */
export type Place = 0 | 1 | 2;

interface Kept {
  email: string;
  purpose: Purpose;
  expires_at: string;
  resend_after?: string;
  proof?: string;
}

export interface CodeSteps {
  place: Signal<Place>;
  email: Signal<string>;
  /** What the code earned, in the last step. */
  proof: Signal<string | null>;
  /** Until when the code holds and from when there can be another; null where another tab sent it. */
  sent: Signal<Pick<Kept, "expires_at" | "resend_after"> | null>;
  /** Why it began again. */
  refusal: Signal<string>;
  /** Goes on from the address. */
  start: (email: string) => Promise<void>;
  resend: () => Promise<void>;
  verify: (code: string) => Promise<void>;
  changeEmail: () => void;
  /** Back to the first step, because the proof ran out. */
  beginAgain: (error: ApiError) => void;
  /** The address is proved, and what it was for is done. */
  forget: () => void;
}

export function codeSteps(purpose: Purpose, known = ""): CodeSteps {
  const kept = keptFor(purpose);
  const place = signal<Place>(kept === null ? 0 : kept.proof ? 2 : 1);
  const email = signal(kept?.email ?? known);
  const proof = signal(kept?.proof ?? null);
  const sent = signal<Pick<Kept, "expires_at" | "resend_after"> | null>(kept);
  const refusal = signal("");

  const keep = (more: Omit<Kept, "email" | "purpose">) => tabStore.set(KEPT, { email: email.value, purpose, ...more } satisfies Kept);

  async function resend(): Promise<void> {
    const answer = await take(anyone.POST("/auth/email-codes", { body: { email: email.value, purpose } }));
    keep(answer);
    sent.value = answer;
  }

  async function start(address: string): Promise<void> {
    email.value = address;
    refusal.value = "";
    const before = keptFor(purpose);
    if (before?.email === address && before.proof) {
      proof.value = before.proof;
      place.value = 2;
      return;
    }
    try {
      await resend();
    } catch (error) {
      // The code that was sent a moment ago holds, also when this tab does not know how long.
      if (!(error instanceof ApiError) || error.code !== "auth.code_too_soon") throw error;
      sent.value = before?.email === address ? before : null;
    }
    place.value = 1;
  }

  async function verify(code: string): Promise<void> {
    const body = { email: email.value, purpose, code };
    const answer = await take(anyone.POST("/auth/email-codes/verify", { body }));
    keep({ expires_at: answer.expires_at, proof: answer.email_proof });
    proof.value = answer.email_proof;
    place.value = 2;
  }

  return {
    place,
    email,
    proof,
    sent,
    refusal,
    start,
    resend,
    verify,
    changeEmail: () => {
      place.value = 0;
    },
    beginAgain: (error) => {
      forgetCode();
      place.value = 0;
      refusal.value = error.message;
    },
    forget: forgetCode,
  };
}

/** What is kept of a code for this purpose, or of the proof that it earned, while that is good. */
function keptFor(purpose: Purpose): Kept | null {
  const kept = tabStore.get<Kept>(KEPT);
  return kept?.purpose === purpose && Date.parse(kept.expires_at) > serverNow() ? kept : null;
}

export function forgetCode(): void {
  tabStore.remove(KEPT);
}

export function Steps({ place }: { place: Place }) {
  return (
    <p class="progress">
      <span id="progress" role="status">
        {t("code.step", { number: place + 1 })}
      </span>
      <progress id="progress-bar" max={3} value={place + 1} aria-hidden="true" />
    </p>
  );
}

/** The address that is proved, with the way back. */
export function Proved({ steps }: { steps: CodeSteps }) {
  return (
    <div id="proved" class="proved">
      <span id="proved-email">{steps.email}</span>
      <ChangeEmail steps={steps} />
      <AccountOfPassword email={steps.email.value} />
    </div>
  );
}

function ChangeEmail({ steps }: { steps: CodeSteps }) {
  return (
    <button class="button quiet" type="button" onClick={steps.changeEmail}>
      {t("code.change_email")}
    </button>
  );
}

/** The steps before the last one, and that one as `children`. The cursor is in the first field of the step. */
export function CodeStepsView({ steps, children }: { steps: CodeSteps; children: ComponentChildren }) {
  const at = useRef<HTMLDivElement>(null);
  const place = steps.place.value;
  const isFirst = useRef(place === 0);
  useEffect(() => {
    if (!isFirst.current) at.current?.querySelector<HTMLElement>("input:not(.visually-hidden)")?.focus();
    isFirst.current = false;
  }, [place]);
  return <div ref={at}>{place === 0 ? <EmailStep steps={steps} /> : place === 1 ? <CodeStep steps={steps} /> : children}</div>;
}

function EmailStep({ steps }: { steps: CodeSteps }) {
  return (
    <Form key="email" id="step-email" onSend={(form) => steps.start(textOf(form, "email"))}>
      <h2>{t("code.email_title")}</h2>
      <Problem text={steps.refusal.value} />
      <Field
        name="email"
        label="field.email"
        type="email"
        hint={t("code.email_text")}
        autocomplete="email"
        inputMode="email"
        maxLength={254}
        required
        defaultValue={steps.email.value}
      />
      <SubmitButton class="button large">{t("code.email_submit")}</SubmitButton>
    </Form>
  );
}

function CodeStep({ steps }: { steps: CodeSteps }) {
  const { sent, email } = steps;
  const news = useSignal("");
  const problem = useSignal("");
  const field = useRef<HTMLDivElement>(null);
  const left = useCountdown(sent.value?.expires_at);
  const wait = useCountdown(sent.value?.resend_after);
  const resend = () =>
    tellProblem(problem, async () => {
      await steps.resend();
      news.value = t("code.resent");
      const input = field.current?.querySelector("input");
      if (input) input.value = "";
      input?.focus();
    });
  return (
    <Form key="code" id="step-code" check={(form) => checkCode(form)} onSend={(form) => steps.verify(codeOf(form, "code"))}>
      <h2>{t("code.title")}</h2>
      <p id="code-sent" role="status">
        {t(sent.value === null ? "code.earlier" : "code.sent", { email: email.value })}
      </p>
      <p id="code-news" class="message" role="status" hidden={news.value === ""}>
        {news}
      </p>
      <Problem text={problem.value} />
      <div ref={field}>
        <CodeField name="code" hint={left === null ? "" : left === "" ? t("code.over") : t("code.left", { time: left })} />
      </div>
      <Mailbox />
      <SubmitButton class="button large">{t("code.submit")}</SubmitButton>
      <div class="actions">
        <BusyButton id="resend" class="button quiet" isDisabled={Boolean(wait)} onTap={resend}>
          {wait ? t("code.resend_in", { time: wait }) : t("code.resend")}
        </BusyButton>
        <ChangeEmail steps={steps} />
      </div>
    </Form>
  );
}

/** A field for six digits, which may be pasted with spaces. */
export function CodeField({ name, id, hint }: { name: string; id?: string; hint?: string }) {
  return <Field name={name} id={id ?? name} class="code" label="field.code" hint={hint} autocomplete="one-time-code" inputMode="numeric" maxLength={20} required />;
}

export function codeOf(form: HTMLFormElement, name: string): string {
  return textOf(form, name).normalize("NFKC").replace(/\D/g, "");
}

/** That a code has six digits. */
export function checkCode(form: HTMLFormElement, name = "code"): FieldErrors {
  return textOf(form, name) === "" || codeOf(form, name).length === 6 ? {} : { [name]: t("error.field_code") };
}
