import type ko from "../ko/table";
import type { Text } from "../texts";

export default {
  "table.filter": "Find in the list",
  "table.count": { one: "{count} row", other: "{count} rows" },
  "table.chosen": "{count} chosen",
  "table.choose_all": "Choose all",
  "table.choose": "Choose {name}",
  "table.empty": "Nothing fits.",
} satisfies Record<keyof typeof ko, Text>;
