import { Field } from "../kit/form";
import { t } from "../texts/texts";

/** What others see of a person; the limits are the API's. */
export function NicknameField({ known }: { known: string }) {
  return <Field name="nickname" label="field.nickname" hint={t("signup.nickname_hint")} autocomplete="nickname" minLength={2} maxLength={20} required defaultValue={known} />;
}
