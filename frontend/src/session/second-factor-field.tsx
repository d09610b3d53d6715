// A field for a code of the authenticator app, which turns into one for a recovery code and back.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { Field, textOf, useForm } from "../kit/form";
import { t } from "../texts/texts";

export interface SecondFactor {
  usesRecovery: Signal<boolean>;
  /** What the API wants to know of what was typed. */
  proofOf: (form: HTMLFormElement) => { code: string } | { recovery_code: string };
}

export function useSecondFactor(): SecondFactor {
  const usesRecovery = useSignal(false);
  return {
    usesRecovery,
    proofOf: (form) => (usesRecovery.value ? { recovery_code: textOf(form, "recovery_code") } : { code: textOf(form, "code").replace(/\s/g, "") }),
  };
}

export function SecondFactorField({ second, isFirst = false }: { second: SecondFactor; isFirst?: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  const isNew = useRef(!isFirst);
  const recovery = second.usesRecovery.value;
  useEffect(() => {
    if (!isNew.current) place.current?.querySelector("input")?.focus();
    isNew.current = false;
  }, [recovery]);
  return (
    <div ref={place}>
      {recovery ? (
        <Field key="recovery" id="second-code" name="recovery_code" label="second.recovery_code" hint={t("second.recovery_hint")} autocomplete="off" maxLength={40} required />
      ) : (
        <Field key="app" id="second-code" name="code" label="second.code" hint={t("second.hint")} autocomplete="one-time-code" inputMode="numeric" maxLength={7} required />
      )}
    </div>
  );
}

export function OtherFactorButton({ second: { usesRecovery } }: { second: SecondFactor }) {
  const { clear } = useForm();
  const change = () => {
    usesRecovery.value = !usesRecovery.value;
    // What was wrong was a code of the other kind.
    clear();
  };
  return (
    <button class="button quiet" type="button" onClick={change}>
      {t(usesRecovery.value ? "second.use_app" : "second.use_recovery")}
    </button>
  );
}
