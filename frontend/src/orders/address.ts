// Where an order is shown, and where its parcel goes to.

import type { components } from "../api/schema";

type Shipping = components["schemas"]["ShippingAddress"];

/** The page of an order. */
export function orderAddress(id: string): string {
  return `/order.html?id=${encodeURIComponent(id)}`;
}

/** A number of Korea with its hyphens, as people read it: "010-1234-5678"; any other as it is. */
export function phoneText(phone: string): string {
  const parts = /^(02|050\d|\d{3})(\d{3,4})(\d{4})$/.exec(phone);
  return parts ? parts.slice(1).join("-") : phone;
}

/** An address as it is written on a parcel, a line each. */
export function addressLines({ name, phone, postcode, address, address_detail: detail, memo }: Shipping): string[] {
  return [`${name} · ${phoneText(phone)}`, [`(${postcode})`, address, detail].filter(Boolean).join(" "), memo ?? ""].filter(Boolean);
}
