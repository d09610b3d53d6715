// The photos of a listing being written: picking, progress, cover, removal.

import { t } from "./i18n.js";
import { errorText, h, noPicture, say } from "./ui.js";
import { UnusablePhoto, uploadPhoto } from "./uploads.js";

const MOST_PHOTOS = 5;

/**
 * Keeps the list and shows it; `photos` are in the order of the listing, and
 * `finished` are those of a draft. A change is an input into the form.
 */
export class PhotoList {
  constructor({ list, input, message, finished = [] }) {
    Object.assign(this, { list, input, message, photos: [] });
    input.addEventListener("change", () => this.add([...input.files]));
    for (const { id, address } of finished) {
      const photo = { file: null, address, small: address, id, failure: null, unusable: false };
      this.build(photo);
      photo.note.textContent = t("sell.photo_ready");
      this.photos.push(photo);
    }
    this.show();
  }

  /** What a draft keeps: the pictures that are made, and where to see them. */
  get finished() {
    return this.photos.filter((photo) => photo.id).map(({ id, small }) => ({ id, address: small }));
  }

  /** The ids of the finished pictures, cover first. */
  get ids() {
    return this.photos.map((photo) => photo.id).filter(Boolean);
  }

  /** "busy" while one is on its way, "failed" when one did not make it, or "ready". */
  get state() {
    if (this.photos.some((photo) => photo.failure)) return "failed";
    return this.photos.every((photo) => photo.id) ? "ready" : "busy";
  }

  add(files) {
    this.input.value = "";
    const room = MOST_PHOTOS - this.photos.length;
    say(this.message, files.length > room ? t("sell.photo_too_many") : "");
    for (const file of files.slice(0, room)) {
      const photo = { file, address: URL.createObjectURL(file), small: null, id: null, failure: null, unusable: false };
      this.build(photo);
      this.photos.push(photo);
      this.upload(photo);
    }
    this.show();
  }

  build(photo) {
    const image = h("img", { src: photo.address, alt: "", width: 72, height: 72, on: { error: () => image.replaceWith(noPicture("·")) } });
    photo.name = h("strong", {});
    photo.note = h("span", { role: "status" });
    photo.bar = h("progress", { max: "1", value: "0", "aria-hidden": "true" });
    photo.cover = h("button", { class: "button quiet", type: "button", on: { click: () => this.makeCover(photo) } }, t("sell.photo_make_cover"));
    photo.again = h("button", { class: "button quiet", type: "button", on: { click: () => this.upload(photo) } }, t("retry"));
    photo.remove = h("button", { class: "button quiet", type: "button", on: { click: () => this.remove(photo) } }, t("sell.photo_remove"));
    photo.element = h("li", { class: "photo" }, image,
      h("div", { class: "photo-facts" }, photo.name, photo.note, photo.bar,
        h("div", { class: "actions" }, photo.again, photo.cover, photo.remove)));
  }

  async upload(photo) {
    photo.failure = null;
    this.show();
    try {
      const media = await uploadPhoto(photo.file, (state, share) => {
        photo.bar.value = share;
        photo.note.textContent = t(`sell.photo_${state}`, { percent: Math.round(share * 100) });
      });
      Object.assign(photo, { id: media.id, small: media.pictures[0].url });
      photo.note.textContent = t("sell.photo_ready");
    } catch (error) {
      photo.unusable = error instanceof UnusablePhoto;
      photo.failure = errorText(error);
      photo.note.textContent = photo.failure;
    }
    this.show();
  }

  makeCover(photo) {
    this.photos = [photo, ...this.photos.filter((other) => other !== photo)];
    this.show();
    photo.remove.focus();
  }

  remove(photo) {
    this.photos = this.photos.filter((other) => other !== photo);
    URL.revokeObjectURL(photo.address);
    this.show();
    this.input.focus();
  }

  show() {
    this.photos.forEach((photo, index) => {
      const number = t("sell.photo_n", { number: index + 1 });
      photo.name.textContent = index === 0 ? `${number} · ${t("sell.photo_cover")}` : number;
      photo.note.classList.toggle("is-bad", photo.failure !== null);
      photo.bar.hidden = photo.failure !== null || photo.id !== null;
      photo.again.hidden = photo.failure === null || photo.unusable;
      photo.cover.hidden = index === 0 || photo.failure !== null;
      for (const button of [photo.again, photo.cover, photo.remove]) {
        button.setAttribute("aria-label", `${number}: ${button.textContent}`);
      }
    });
    this.list.replaceChildren(...this.photos.map((photo) => photo.element));
    this.list.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
