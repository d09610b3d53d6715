// Putting something on the market: photos, words, options, prices.

import { membersOnly } from "../layout.js";
import "../dialog.js";
import { finishAttempt, get, postAttempt } from "../api.js";
import { draft, forgetDraft, keepDraft } from "../draft.js";
import { ShownError } from "../errors.js";
import { language, t } from "../i18n.js";
import { PhotoList } from "../photo-list.js";
import { accessToken, mayRenew } from "../session.js";
import { byId, errorText, h, leaveTo, onSubmit, say } from "../ui.js";
import { VariantEditor } from "../variant-editor.js";

const DRAFT = "listing";
const form = byId("form");

async function showCategories(chosen) {
  try {
    const { items } = await get("/categories");
    byId("category").append(...items.map(({ id, name, name_ko: korean }) =>
      h("option", { value: id, selected: id === chosen }, language() === "ko" ? korean : name)));
  } catch (error) {
    say(form.querySelector(".form-error"), errorText(error));
  }
}

function start() {
  const before = draft(DRAFT);
  const photos = new PhotoList({
    list: byId("photos"), input: byId("files"), message: byId("photos-message"), finished: before?.photos,
  });
  const editor = new VariantEditor({
    form, list: byId("options"), add: byId("add-option"), rows: byId("variants"),
    message: byId("variants-message"), fillAll: byId("fill-all"), written: before?.variants,
  });
  const { title, description, category_id: category } = form.elements;
  title.value = before?.title ?? "";
  description.value = before?.description ?? "";
  keepDraft(DRAFT, form, () => ({
    title: title.value,
    description: description.value,
    // The categories may still be on their way.
    category: category.value || before?.category,
    photos: photos.finished,
    variants: editor.written,
  }));
  showCategories(before?.category);
  onSubmit(form, async ({ elements }) => {
    const sold = editor.read();
    if (sold === null) throw new ShownError(t("error.check_fields"));
    if (photos.state !== "ready") throw new ShownError(t(`sell.photos_${photos.state}`));
    const body = {
      kind: "sell",
      title: elements.title.value.trim(),
      description: elements.description.value.trim(),
      category_id: elements.category_id.value,
      currency: "KRW",
      ...sold,
      pictures: photos.ids,
    };
    const listing = await postAttempt("listing", "/listings", body, { auth: "required" });
    finishAttempt("listing");
    forgetDraft(DRAFT);
    await leaveTo(`/listing.html?id=${encodeURIComponent(listing.id)}`);
  }, () => editor.read());
}

// A device that is signed in may be without a token at the moment: it need not wait.
if (accessToken() !== null || mayRenew()) start();
membersOnly();
