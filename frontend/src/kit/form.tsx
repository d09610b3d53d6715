// A form bound to the API's problem documents: what the HTML itself states is checked first, the fields
// that a problem names are marked, and the focus goes to the first of them.

import { type Signal, useSignal } from "@preact/signals";
import { type AllHTMLAttributes, type ComponentChildren, type InputHTMLAttributes, createContext } from "preact";
import { useContext, useRef } from "preact/hooks";

import { ShownError } from "../api/problem";
import type { TextKey } from "../texts/keys";
import { t } from "../texts/texts";
import { sortErrors } from "./pointers";
import { Problem } from "./problem";
import { errorText } from "./texts";

/** What is wrong, by the name of a field. */
export type FieldErrors = Record<string, string>;

interface FormState {
  errors: Signal<FieldErrors>;
  isBusy: Signal<boolean>;
  /** Takes back what was told to be wrong. */
  clear: () => void;
}

const State = createContext<FormState | null>(null);

export function useForm(): FormState {
  const state = useContext(State);
  if (state === null) throw new Error("a field stands in a Form");
  return state;
}

/** What the HTML says of a field and is not so; null when all holds. */
function complaint(element: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement): string | null {
  const { validity } = element;
  if (validity.valid) return null;
  if (validity.valueMissing) return t("error.field_required");
  if (validity.typeMismatch) return t("error.field_email");
  if (validity.tooShort && "minLength" in element) return t("error.field_short", { least: element.minLength });
  return t("error.field_length");
}

const isControl = (element: Element): element is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement =>
  element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;

interface FormProps {
  id?: string;
  class?: string;
  /** Sends it. What it throws is shown. */
  onSend: (form: HTMLFormElement) => Promise<unknown>;
  /** What is wrong beyond what the HTML states. */
  check?: (form: HTMLFormElement) => FieldErrors;
  /** It takes nothing in yet: what it is filled with is on its way. */
  inert?: boolean;
  children: ComponentChildren;
}

export function Form({ id, class: more = "", onSend, check, inert = false, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const errors = useSignal<FieldErrors>({});
  const whole = useSignal("");
  const isBusy = useSignal(false);

  const focusFirstError = () =>
    requestAnimationFrame(() => {
      const found = (selector: string) => form.current?.querySelector<HTMLElement>(selector);
      const target = found("[aria-invalid]") ?? found(".form-error:not([hidden])");
      if (target && !target.matches("input, select, textarea, button")) target.tabIndex = -1;
      target?.focus();
    });

  const clear = () => {
    errors.value = {};
    whole.value = "";
  };

  const submit = async (event: Event) => {
    event.preventDefault();
    const element = form.current;
    if (element === null || isBusy.value) return;
    const found: FieldErrors = {};
    for (const control of element.elements) {
      if (!isControl(control) || !control.name || !control.willValidate) continue;
      const text = complaint(control);
      if (text !== null) found[control.name] = text;
    }
    Object.assign(found, check?.(element));
    errors.value = found;
    whole.value = Object.keys(found).length > 0 ? t("error.check_fields") : "";
    if (whole.value !== "") return focusFirstError();
    isBusy.value = true;
    try {
      await onSend(element);
    } catch (error) {
      show(element, error);
    } finally {
      isBusy.value = false;
    }
  };

  const show = (element: HTMLFormElement, error: unknown) => {
    const names = [...element.elements].map((control) => control.getAttribute("name")).concat(
      [...element.querySelectorAll<HTMLElement>("[data-field]")].map((part) => part.dataset.field ?? null),
    );
    const problems = error instanceof ShownError ? error.errors : [];
    const { fields, rest } = sortErrors(problems, names.filter((name) => name !== null && name !== "") as string[]);
    errors.value = Object.fromEntries([...fields].map(([name, texts]) => [name, texts.join(" ")]));
    // What a field says is not said again above it.
    const isSaid = fields.size > 0 && rest.length === 0;
    whole.value = isSaid ? t("error.check_fields") : [...new Set([errorText(error), ...rest])].join(" ");
    focusFirstError();
  };

  const forget = ({ target }: Event) => {
    const name = target instanceof HTMLElement ? target.getAttribute("name") : null;
    if (name === null || !(name in errors.value)) return;
    const { [name]: _, ...others } = errors.value;
    errors.value = others;
  };

  return (
    <State.Provider value={{ errors, isBusy, clear }}>
      <form id={id} class={`form ${more}`} method="post" noValidate inert={inert} ref={form} onSubmit={submit} onInput={forget}>
        <Problem text={whole.value} />
        {children}
      </form>
    </State.Provider>
  );
}

type InputProps = Pick<
  AllHTMLAttributes<HTMLInputElement>,
  "autocomplete" | "autofocus" | "class" | "defaultValue" | "inputMode" | "maxLength" | "minLength" | "onInput" | "placeholder" | "readOnly" | "required"
>;

interface Labels {
  label: TextKey;
  name: string;
  id?: string;
  hint?: string;
  isOptional?: boolean;
}

const idOf = (name: string) => name.replace(/\W/g, "-");

/** What ties a control to its hint and to what is wrong with it. */
function useControl({ name, id = idOf(name), hint }: Pick<Labels, "name" | "id" | "hint">) {
  const error = useForm().errors.value[name];
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return { id, error, attributes: { id, name, "aria-invalid": error ? ("true" as const) : undefined, "aria-describedby": described || undefined } };
}

function ErrorOf({ id, error }: { id: string; error: string | undefined }) {
  return error ? (
    <p class="field-error" id={`${id}-error`}>
      {error}
    </p>
  ) : null;
}

/** A control with its label, its hint and what is wrong with it. */
function Labelled({ control, label, hint, isOptional = false, children }: Omit<Labels, "name"> & { control: ReturnType<typeof useControl>; children: ComponentChildren }) {
  const { id, error } = control;
  return (
    <div class="field">
      <label for={id}>
        {t(label)}
        {isOptional && <span class="note"> {t("optional")}</span>}
      </label>
      {children}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <ErrorOf id={id} error={error} />
    </div>
  );
}

interface FieldProps extends InputProps, Labels {
  value?: string;
  type?: "text" | "email" | "password" | "tel";
  /** A button beside the input. */
  button?: ComponentChildren;
}

export function Field({ type = "text", button, label, name, id, hint, isOptional, ...attributes }: FieldProps) {
  const control = useControl({ name, id, hint });
  // The types of the attributes differ by `type`, which is not known here.
  const more = { ...attributes, type } as InputHTMLAttributes<HTMLInputElement>;
  const input = <input {...more} {...control.attributes} />;
  return (
    <Labelled control={control} label={label} hint={hint} isOptional={isOptional}>
      {button ? (
        <div class="with-button">
          {input}
          {button}
        </div>
      ) : (
        input
      )}
    </Labelled>
  );
}

interface TextAreaProps extends Labels, Pick<AllHTMLAttributes<HTMLTextAreaElement>, "maxLength" | "onInput" | "required" | "rows"> {
  value?: string;
}

export function TextArea({ label, name, id, hint, isOptional, ...attributes }: TextAreaProps) {
  const control = useControl({ name, id, hint });
  return (
    <Labelled control={control} label={label} hint={hint} isOptional={isOptional}>
      <textarea {...attributes} {...control.attributes} />
    </Labelled>
  );
}

interface SelectProps extends Labels {
  value: string;
  required?: boolean;
  onChange: (value: string) => void;
  /** The options. */
  children: ComponentChildren;
}

export function Select({ label, name, id, hint, isOptional, onChange, children, ...attributes }: SelectProps) {
  const control = useControl({ name, id, hint });
  return (
    <Labelled control={control} label={label} hint={hint} isOptional={isOptional}>
      <select {...attributes} {...control.attributes} onChange={(event) => onChange(event.currentTarget.value)}>
        {children}
      </select>
    </Labelled>
  );
}

/** An input whose label stands elsewhere, such as at the head of its row and column. */
export function CellField({ name, label, ...attributes }: InputProps & { name: string; label: string; value: string }) {
  const control = useControl({ name });
  return (
    <div class="field">
      <input {...attributes} {...control.attributes} aria-label={label} />
      <ErrorOf id={control.id} error={control.error} />
    </div>
  );
}

/** A part of a form that an error can name as a whole. */
export function Group({ name, legend, children }: { name: string; legend: TextKey; children: ComponentChildren }) {
  const error = useForm().errors.value[name];
  return (
    <fieldset class="sheet" data-field={name} aria-invalid={error ? "true" : undefined} aria-describedby={error ? `${idOf(name)}-error` : undefined}>
      <legend>{t(legend)}</legend>
      {children}
      <ErrorOf id={idOf(name)} error={error} />
    </fieldset>
  );
}

/** The button that sends the form, busy while it is sent. */
export function SubmitButton({ class: name = "button", children }: { class?: string; children: ComponentChildren }) {
  const { isBusy } = useForm();
  return (
    <button class={name} type="submit" aria-busy={isBusy.value || undefined} aria-disabled={isBusy.value || undefined}>
      {children}
    </button>
  );
}

/** What stands in the input or text area in which somebody types. */
export function typed(event: Event): string {
  return (event.currentTarget as HTMLInputElement | HTMLTextAreaElement).value;
}

/** The text of a field, trimmed. */
export function textOf(form: HTMLFormElement, name: string): string {
  const control = form.elements.namedItem(name);
  return control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement ? control.value.trim() : "";
}
