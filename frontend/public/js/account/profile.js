// What others see of a person: nickname and picture.

import { patch } from "../api.js";
import { t } from "../i18n.js";
import { showMenu } from "../layout.js";
import { updateUser } from "../session.js";
import { byId, errorText, onSubmit, onTap, say } from "../ui.js";
import { uploadPhoto } from "../uploads.js";

const DEFAULT_PICTURE = /^\/pictures\/med_/;

/** Shows the profile and saves what is changed in it. */
export function startProfile(user, tell) {
  const form = byId("profile");
  const state = byId("photo-state");
  const pictureError = byId("photo-error");
  const show = (changed) => {
    byId("email").textContent = changed.email;
    byId("picture").src = changed.picture;
    byId("picture-remove").hidden = !DEFAULT_PICTURE.test(changed.picture);
    form.elements.nickname.value = changed.nickname;
    updateUser(changed);
    showMenu();
  };
  const save = async (change) => {
    show(await patch("/me", change, { auth: "required" }));
    tell(t("account.saved"));
  };

  onSubmit(form, () => save({ nickname: form.elements.nickname.value.trim() }));

  byId("photo").addEventListener("change", async ({ currentTarget: input }) => {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    tell("");
    say(pictureError, "");
    try {
      const { id } = await uploadPhoto(file, (what, share) => {
        state.textContent = t(`sell.photo_${what}`, { percent: Math.round(share * 100) });
      }, "profile");
      await save({ picture: id });
    } catch (error) {
      say(pictureError, errorText(error));
    }
    state.textContent = "";
  });

  onTap(byId("picture-remove"), pictureError, async () => {
    say(pictureError, "");
    await save({ picture: null });
  });

  show(user);
}
