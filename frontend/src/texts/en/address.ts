import type ko from "../ko/address";
import type { Text } from "../texts";

export default {
  "address.recipient": "Recipient",
  "address.postcode": "Postcode",
  "address.postcode_digits": "Please enter the 5 digits of the postcode.",
  "address.address": "Address",
  "address.detail": "Flat, floor, building",
  "address.memo": "Note for the courier",
} satisfies Record<keyof typeof ko, Text>;
