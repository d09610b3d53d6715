import type ko from "../ko/chart";
import type { Text } from "../texts";

export default {
  "chart.as_table": "As a table",
  "chart.day": "Day",
} satisfies Record<keyof typeof ko, Text>;
