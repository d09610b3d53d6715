// The fields of a place that parcels go to, for the checkout and the address book.

import type { ComponentProps } from "preact";

import { Field, type FieldErrors, textOf } from "../kit/form";
import { t } from "../texts/texts";

/** What both ask for. */
type PlaceName = "postcode" | "address" | "address_detail" | "memo";

/** `known` tells what stands in a field, and who follows what is typed. */
export function PlaceFields({ known }: { known: (name: PlaceName) => Pick<ComponentProps<typeof Field>, "value" | "defaultValue" | "onInput"> }) {
  const field = (name: PlaceName) => ({ name: `shipping.${name}`, ...known(name) });
  return (
    <>
      <Field {...field("postcode")} label="address.postcode" autocomplete="shipping postal-code" inputMode="numeric" maxLength={12} required />
      <Field {...field("address")} label="address.address" autocomplete="shipping address-line1" maxLength={120} required />
      <Field {...field("address_detail")} id="shipping-detail" label="address.detail" autocomplete="shipping address-line2" maxLength={120} isOptional />
      <Field {...field("memo")} label="address.memo" autocomplete="off" maxLength={200} isOptional />
    </>
  );
}

/** A postcode as the API takes it. */
export function plainPostcode(typed: string): string {
  return typed.normalize("NFKC").trim();
}

/** Postcodes of Korea have five digits. */
export function isPostcode(typed: string): boolean {
  return /^\d{5}$/.test(plainPostcode(typed));
}

/** That the postcode is one. That there is none is told by the form itself. */
export function checkPlace(form: HTMLFormElement): FieldErrors {
  const postcode = textOf(form, "shipping.postcode");
  return postcode === "" || isPostcode(postcode) ? {} : { "shipping.postcode": t("address.postcode_digits") };
}
