// Signing in, then back to where one came from.

import "../layout.js";
import { signIn } from "../api.js";
import { t } from "../i18n.js";
import { returnPath, sessionUser, signInAddress } from "../session.js";
import { byId, leaveTo, onSubmit, say } from "../ui.js";

const form = byId("form");
form.elements.email.value = sessionUser()?.email ?? "";
byId("to-sign-up").href = signInAddress("/sign-up.html");
if (returnPath() !== "/") say(byId("reason"), t("signin.needed"));

onSubmit(form, async () => {
  await signIn(form.elements.email.value.trim(), form.elements.password.value);
  await leaveTo(returnPath());
});
