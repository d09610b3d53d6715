import type ko from "../ko/home";
import type { Text } from "../texts";

export default {
  "home.title": "Today at the market",
  "home.lead": "Have a look at what has just arrived.",
  "home.categories": "Categories",
  "home.all": "All",
  "home.listings": "New listings",
  "home.more": "Show more",
  "home.more_done": "{count} more listings are shown.",
  "home.empty": "Nothing here yet",
  "home.empty_text": "Open the first stall. A few photos are enough.",
  "home.empty_action": "Sell something",
} satisfies Record<keyof typeof ko, Text>;
