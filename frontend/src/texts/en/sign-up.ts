import type ko from "../ko/sign-up";
import type { Text } from "../texts";

export default {
  "signup.title": "Sign up",
  "signup.profile_title": "Almost there",
  "signup.nickname_hint": "The name that others see.",
  "signup.password_hint": "At least 8 characters. Longer is safer.",
  "signup.submit": "Sign up and start",
  "signup.have_account": "Already with us?",
} satisfies Record<keyof typeof ko, Text>;
