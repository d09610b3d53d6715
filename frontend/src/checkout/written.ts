// What is written into the form of the checkout, and what the API is asked for by it.

import type { components } from "../api/schema";
import { plainPostcode } from "../orders/place-fields";

export type Contact = components["schemas"]["Contact"];
export type Address = components["schemas"]["ShippingAddress"];

const EMPTY = {
  "contact.name": "",
  "contact.phone": "",
  "contact.email": "",
  "shipping.name": "",
  "shipping.phone": "",
  "shipping.postcode": "",
  "shipping.address": "",
  "shipping.address_detail": "",
  "shipping.memo": "",
};

export type Name = keyof typeof EMPTY;

export interface Written {
  /** Whether the buyer receives the parcel. */
  same: boolean;
  /** Whether the address is to be saved. */
  saves: boolean;
  texts: Record<Name, string>;
}

/** With what is known beforehand. */
export function written(texts: Partial<Record<Name, string>> = {}): Written {
  return { same: true, saves: false, texts: { ...EMPTY, ...texts } };
}

export function contactOf({ texts }: Written): Contact {
  return { name: texts["contact.name"].trim(), phone: texts["contact.phone"].trim(), email: texts["contact.email"].trim() };
}

export function addressOf({ same, texts }: Written): Address {
  const who = same ? "contact" : "shipping";
  return {
    name: texts[`${who}.name`].trim(),
    phone: texts[`${who}.phone`].trim(),
    postcode: plainPostcode(texts["shipping.postcode"]),
    address: texts["shipping.address"].trim(),
    address_detail: texts["shipping.address_detail"].trim() || null,
    memo: texts["shipping.memo"].trim() || null,
  };
}

/** Writes an address of the address book into the form; null for an empty one. */
export function withAddress(before: Written, address: Address | null): Written {
  const { name, phone } = contactOf(before);
  const same = address === null || (address.name === name && address.phone === phone);
  const texts = {
    ...before.texts,
    "shipping.name": address?.name ?? "",
    "shipping.phone": address?.phone ?? "",
    "shipping.postcode": address?.postcode ?? "",
    "shipping.address": address?.address ?? "",
    "shipping.address_detail": address?.address_detail ?? "",
    "shipping.memo": address?.memo ?? "",
  };
  return { same, saves: false, texts };
}

/** Whether both are the same place and person; the note for the courier may differ. */
export function isSameAddress(one: Address, other: Address): boolean {
  const parts = ({ name, phone, postcode, address, address_detail: detail }: Address) => [name, phone.replace(/\D/g, ""), postcode, address, detail ?? ""];
  return parts(one).join("\n") === parts(other).join("\n");
}

/** Errors about the recipient reach the buyer's fields while they are the same. */
export function fieldPointer(pointer: string, same: boolean): string {
  return same ? pointer.replace(/^#?\/shipping\/(name|phone)$/, "/contact/$1") : pointer;
}
