// What others see of a person: nickname and picture.

import { useSignal } from "@preact/signals";

import { member, take } from "../api/client";
import { BusyButton } from "../kit/busy-button";
import { Form, SubmitButton, textOf } from "../kit/form";
import { tellProblem } from "../kit/problem";
import { progressText, uploadPhoto } from "../media/upload";
import { NicknameField } from "../session/nickname-field";
import { updateUser } from "../session/session";
import { t } from "../texts/texts";
import { type Profile, profile, tell } from "./parts";

/** A picture of their own; others have the default picture. */
const OWN_PICTURE = /^\/pictures\/med_/;

async function save(change: { nickname: string } | { picture: string | null }): Promise<void> {
  const changed = await take(member.PATCH("/me", { body: change }));
  profile.value = changed;
  updateUser(changed);
  tell(t("account.saved"));
}

export function ProfilePart({ user }: { user: Profile }) {
  const progress = useSignal("");
  const problem = useSignal("");
  const quietly = async (work: () => Promise<void>) => {
    await tellProblem(problem, work);
    progress.value = "";
  };
  const upload = (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    input.value = "";
    if (!file) return;
    tell("");
    void quietly(async () => {
      const { id } = await uploadPhoto(file, "profile", (at) => (progress.value = progressText(at)));
      await save({ picture: id });
    });
  };
  return (
    <Form id="profile" class="sheet" onSend={(form) => save({ nickname: textOf(form, "nickname") })}>
      <h2>{t("account.profile")}</h2>
      <div class="profile-head">
        <img id="picture" class="profile-picture" src={user.picture} alt="" width={72} height={72} />
        <div>
          <p id="email">{user.email}</p>
          <label class="button quiet file-button">
            <span>{t("account.picture_change")}</span>
            <input id="photo" type="file" accept="image/jpeg,image/png,image/webp" onChange={(event) => upload(event.currentTarget)} />
          </label>
          <p id="photo-state" class="hint" role="status">
            {progress}
          </p>
          <p id="photo-error" class="field-error" role="alert" hidden={problem.value === ""}>
            {problem}
          </p>
        </div>
      </div>
      <NicknameField key={user.nickname} known={user.nickname} />
      <div class="actions">
        <SubmitButton>{t("account.save")}</SubmitButton>
        <BusyButton id="picture-remove" class="button quiet" hidden={!OWN_PICTURE.test(user.picture)} onTap={() => quietly(() => save({ picture: null }))}>
          {t("account.picture_remove")}
        </BusyButton>
      </div>
    </Form>
  );
}
