import type ko from "../ko/kit";
import type { Text } from "../texts";

export default {
  "kit.title": "Parts of the pages",
  "kit.lead": "What every page is made of. Change the language and the look to see them all.",
  "kit.buttons": "Buttons",
  "kit.form": "Fields and errors",
  "kit.dialogs": "Dialogs and toasts",
  "kit.open_dialog": "Open a dialog",
  "kit.open_sheet": "Open a sheet",
  "kit.toast": "Show a toast",
  "kit.toast_text": "The address was removed.",
  "kit.undone": "It is back.",
  "kit.tabs": "Tabs",
  "kit.tab_n": "Tab {number}",
  "kit.table": "Table",
  "kit.sold": "Sold",
  "kit.day": "Since",
  "kit.remove": "Take out what is chosen",
  "kit.amounts": "Quantity and price",
  "kit.range": "Date and time range",
  "kit.states": "Empty, loading, error",
  "kit.progress": "Progress of a process",
  "kit.chart": "Chart",
  "kit.chart_text": "Pieces sold a day",
  "kit.pictures": "Pictures",
  "kit.wrong": "This cannot be used.",
} satisfies Record<keyof typeof ko, Text>;
