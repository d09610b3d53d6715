import type ko from "../ko/proof";
import type { Text } from "../texts";

export default {
  "proof.text": "So that nobody does this in your place, please confirm that it is you.",
  "proof.no_password": "I have no password",
  "proof.go_on": "Go on",
} satisfies Record<keyof typeof ko, Text>;
