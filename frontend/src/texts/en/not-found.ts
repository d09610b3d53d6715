import type ko from "../ko/not-found";
import type { Text } from "../texts";

export default {
  "404.title": "There is no stall here",
  "404.text": "The address may have changed, or the listing is gone.",
} satisfies Record<keyof typeof ko, Text>;
