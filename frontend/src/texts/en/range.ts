import type ko from "../ko/range";
import type { Text } from "../texts";

export default {
  "range.from": "From",
  "range.to": "To",
} satisfies Record<keyof typeof ko, Text>;
