import type ko from "../ko/reset-password";
import type { Text } from "../texts";

export default {
  "reset.title": "Reset your password",
  "reset.forgot": "Forgot your password?",
  "reset.password_title": "Choose a new password",
  "reset.password": "New password",
  "reset.submit": "Change it and sign in",
  "reset.note": "All other devices are signed out.",
} satisfies Record<keyof typeof ko, Text>;
