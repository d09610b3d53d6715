// A quantity: typed, or one more and one less.

import { t } from "../texts/texts";

interface Props {
  id: string;
  value: number;
  most: number;
  onChange: (quantity: number) => void;
}

export function Stepper({ id, value, most, onChange }: Props) {
  const set = (wanted: number) => onChange(Math.min(Math.max(1, most), Math.max(1, Math.trunc(wanted) || 1)));
  const typed = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    set(Number(input.value));
    // What was typed may be out of range, and the value then stays as it was.
    input.value = String(value);
  };
  return (
    <div class="stepper">
      <button type="button" aria-label={t("listing.less")} onClick={() => set(value - 1)}>
        −
      </button>
      <input id={id} type="number" inputMode="numeric" min={1} max={most} value={value} onChange={typed} />
      <button type="button" aria-label={t("listing.more")} onClick={() => set(value + 1)}>
        +
      </button>
    </div>
  );
}
