// From when until when: days, or moments. The browser's own inputs, which phones show as wheels.

import { t } from "../texts/texts";

export interface Range {
  /** "2026-12-01", or "2026-12-01T09:00" with times; "" where it is open. */
  from: string;
  to: string;
}

interface Props {
  id: string;
  label: string;
  value: Range;
  onChange: (range: Range) => void;
  withTime?: boolean;
  least?: string;
  most?: string;
}

/** A range as people mean it: the end never lies before the beginning. */
export function orderedRange(range: Range, changed: "from" | "to"): Range {
  const { from, to } = range;
  if (from === "" || to === "" || from <= to) return range;
  return changed === "from" ? { from, to: from } : { from: to, to };
}

export function DateRange({ id, label, value, onChange, withTime = false, least, most }: Props) {
  const input = (part: "from" | "to") => (
    <div class="field">
      <label for={`${id}-${part}`}>{t(`range.${part}`)}</label>
      <input
        id={`${id}-${part}`}
        type={withTime ? "datetime-local" : "date"}
        min={least}
        max={most}
        value={value[part]}
        onChange={(event) => onChange(orderedRange({ ...value, [part]: event.currentTarget.value }, part))}
      />
    </div>
  );
  return (
    <fieldset class="range">
      <legend>{label}</legend>
      {input("from")}
      {input("to")}
    </fieldset>
  );
}
