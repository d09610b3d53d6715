// One photo on its way: ask for a grant, PUT the bytes to the store with
// exactly the headers of the grant, then wait until the processor has made the
// pictures or refused them.

import { get, newKey, pause, post } from "./api.js";
import { ShownError } from "./errors.js";
import { t } from "./i18n.js";
import { planUpload, pollDelay, sniffPicture } from "./pictures.js";

/** The file cannot be used, however often it is tried. */
export class UnusablePhoto extends ShownError {}

const LONGEST_SIDE = 3200;
const STALLED_AFTER_MS = 30_000;
const MOST_POLLS = 30;

/** The first bytes tell what the file is. */
async function kindOf(file) {
  return sniffPicture(new Uint8Array(await file.slice(0, 12).arrayBuffer()));
}

/** A smaller JPEG of a photo that is over the limit. */
async function shrink(file) {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}

async function prepare(file) {
  const kind = await kindOf(file);
  const plan = planUpload(kind, file.size);
  if (plan === "upload") return { bytes: file, kind };
  if (plan !== "shrink") throw new UnusablePhoto(t(`sell.photo_${plan}`));
  const bytes = await shrink(file).catch(() => null);
  if (bytes === null || planUpload(kind, bytes.size) !== "upload") throw new UnusablePhoto(t("sell.photo_too_large"));
  return { bytes, kind };
}

/** XHR, because fetch does not tell how much of a body has been sent. */
function put({ method, url, headers }, bytes, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stalled;
    const watch = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_AFTER_MS);
    };
    const fail = () => reject(new ShownError(t("sell.photo_failed")));
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) {
      // The browser writes these two itself and forbids a page to.
      if (!/^(host|content-length)$/i.test(name)) request.setRequestHeader(name, value);
    }
    request.upload.addEventListener("progress", (event) => {
      watch();
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => (request.status >= 200 && request.status < 300 ? resolve() : fail()));
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    request.addEventListener("loadend", () => clearTimeout(stalled));
    watch();
    request.send(bytes);
  });
}

async function waitUntilReady(mediaId) {
  for (let attempt = 0; attempt < MOST_POLLS; attempt += 1) {
    await pause(pollDelay(attempt));
    const media = await get(`/media/${encodeURIComponent(mediaId)}`, { auth: "required" });
    if (media.state === "ready") return media;
    if (media.state === "refused") throw new UnusablePhoto(media.refusal?.detail ?? t("sell.photo_unknown"));
  }
  throw new ShownError(t("sell.photo_slow"));
}

/**
 * Uploads a file for a purpose ("listing" unless said) and gives what the API
 * says of it once its pictures are made. `report(state, share)` is told
 * "preparing", "uploading" (with the share sent, 0 to 1) and "processing".
 * Throws a ShownError with the reason when it cannot be used.
 */
export async function uploadPhoto(file, report, purpose = "listing") {
  report("preparing", 0);
  const { bytes, kind } = await prepare(file);
  const body = { purpose, content_type: kind, size_bytes: bytes.size };
  const { media_id: mediaId, upload } = await post("/media/uploads", body, { key: newKey(), auth: "required" });
  const sending = (share) => report("uploading", share);
  sending(0);
  // The same bytes to the same address: sending them twice harms nothing.
  await put(upload, bytes, sending).catch(() => put(upload, bytes, sending));
  report("processing", 1);
  return waitUntilReady(mediaId);
}
