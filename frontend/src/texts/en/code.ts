import type ko from "../ko/code";
import type { Text } from "../texts";

export default {
  "code.step": "Step {number} of 3",
  "code.email_title": "What is your e-mail?",
  "code.email_text": "We will send you a code.",
  "code.email_submit": "Send the code",
  "code.title": "Enter the code",
  "code.sent": "We sent a 6-digit code to {email}.",
  "code.earlier": "Enter the code that we sent to {email} a moment ago. You can ask for a new one shortly.",
  "code.left": "Valid for {time}.",
  "code.over": "Time is up. Please ask for a new code.",
  "code.submit": "Continue",
  "code.resend": "Send a new code",
  "code.resend_in": "You can ask for a new code in {time}",
  "code.resent": "A new code is on its way.",
  "code.change_email": "Change e-mail",
  "code.mailbox": "Open the local mailbox",
  "code.mailbox_text": "This is the local cloud: mail does not leave it, and waits in its mailbox.",
} satisfies Record<keyof typeof ko, Text>;
