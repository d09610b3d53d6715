// Who carries the parcel, and its number.

import { useSignal } from "@preact/signals";

import type { components } from "../api/schema";
import { Field, type FieldErrors, textOf } from "../kit/form";
import { t } from "../texts/texts";
import { ActionDialog } from "./action-dialog";
import { isTrackingNumber } from "./tracking-number";

type Carrier = components["schemas"]["Carrier"];

const CARRIERS: readonly Carrier[] = ["cj", "hanjin", "lotte", "post", "logen", "other"];

export interface Shipping {
  carrier: Carrier;
  carrier_name?: string;
  tracking_number: string;
}

interface Props {
  onSend: (shipping: Shipping) => Promise<unknown>;
  onClose: () => void;
}

export function ShipDialog({ onSend, onClose }: Props) {
  const carrier = useSignal<Carrier>("cj");
  const check = (form: HTMLFormElement): FieldErrors => {
    const number = textOf(form, "tracking_number");
    return number === "" || isTrackingNumber(number) ? {} : { tracking_number: t("store_orders.number_wrong") };
  };
  const send = (form: HTMLFormElement) => {
    const name = textOf(form, "carrier_name");
    return onSend({ carrier: carrier.value, ...(name !== "" && { carrier_name: name }), tracking_number: textOf(form, "tracking_number") });
  };
  return (
    <ActionDialog title={t("store_orders.ship_title")} text={t("store_orders.ship_text")} submit={t("store_orders.ship_do")} check={check} onSend={send} onClose={onClose}>
      <div class="field">
        <label for="carrier">{t("store_orders.carrier")}</label>
        <select id="carrier" value={carrier.value} onChange={(event) => (carrier.value = event.currentTarget.value as Carrier)}>
          {CARRIERS.map((each) => (
            <option key={each} value={each}>
              {t(`carrier.${each}`)}
            </option>
          ))}
        </select>
      </div>
      {carrier.value === "other" && <Field name="carrier_name" label="store_orders.carrier_name" maxLength={30} required />}
      <Field name="tracking_number" label="store_orders.number" inputMode="text" autocomplete="off" maxLength={60} required />
    </ActionDialog>
  );
}
