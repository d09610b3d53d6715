// A new password for one's own account.

import { member, take } from "../api/client";
import { Form, SubmitButton } from "../kit/form";
import { AccountOfPassword, NewPasswordField, passwordOf } from "../kit/password-field";
import { t } from "../texts/texts";
import { type Profile, tell } from "./parts";
import { prove } from "./prove";

export function PasswordPart({ user }: { user: Profile }) {
  const change = async (form: HTMLFormElement) => {
    const password = passwordOf(form);
    const what = { email: user.email, title: t("account.password_change"), submit: t("account.password_change") };
    const changed = await prove(what, (proof) => take(member.POST("/me/password", { body: { ...proof, password } })));
    if (changed === null) return;
    form.reset();
    tell(t("account.password_changed"));
  };
  return (
    <Form id="password" class="sheet" onSend={change}>
      <h2>{t("field.password")}</h2>
      <AccountOfPassword email={user.email} />
      <NewPasswordField id="new_password" label="reset.password" hint={t("signup.password_hint")} />
      <div>
        <SubmitButton>{t("account.password_change")}</SubmitButton>
      </div>
      <p class="note">{t("reset.note")}</p>
    </Form>
  );
}
