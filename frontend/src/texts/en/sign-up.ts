import type ko from "../ko/sign-up";
import type { Text } from "../texts";

export default {
  "signup.title": "Sign up",
  "signup.step": "Step {number} of 3",
  "signup.email_title": "What is your e-mail?",
  "signup.email_text": "We will send you a code.",
  "signup.email_submit": "Send the code",
  "signup.code_title": "Enter the code",
  "signup.code_sent": "We sent a 6-digit code to {email}.",
  "signup.code_earlier": "Enter the code that we sent to {email} a moment ago. You can ask for a new one shortly.",
  "signup.code_left": "It is good for {time}.",
  "signup.code_over": "Time is up. Please ask for a new code.",
  "signup.code_submit": "Continue",
  "signup.resend": "Send a new code",
  "signup.resend_in": "You can ask for a new code in {time}",
  "signup.resent": "A new code is on its way.",
  "signup.change_email": "Change e-mail",
  "signup.mailbox": "Open the local mailbox",
  "signup.mailbox_text": "This is the local cloud: mail does not leave it, and waits in its mailbox.",
  "signup.profile_title": "Almost there",
  "signup.nickname_hint": "The name that others see.",
  "signup.password_hint": "At least 8 characters. Longer is safer.",
  "signup.submit": "Sign up and start",
  "signup.have_account": "Already with us?",
} satisfies Record<keyof typeof ko, Text>;
