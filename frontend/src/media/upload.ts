// One photo on its way: ask for a grant, PUT the bytes to the store with exactly the headers of the grant,
// then wait until the processor has made the pictures or refused them.

import { newKey } from "../api/attempts";
import { member, take } from "../api/client";
import { ShownError } from "../api/problem";
import type { components } from "../api/schema";
import { pause } from "../lib/time";
import { t } from "../texts/texts";
import { LONGEST_SIDE, MOST_BYTES, type PictureType, type Size, planUpload, pollDelay, sniffPicture } from "./picture-file";

export type Media = components["schemas"]["GetMediaReply"];
type UploadCall = components["schemas"]["UploadCall"];
type Purpose = components["schemas"]["MediaPurpose"];

/** How far a photo is; the share of it that was sent is 0 to 1. */
export type Progress = { state: "preparing" | "processing" } | { state: "uploading"; share: number };

/** The file cannot be used, however often it is tried. */
export class UnusablePhoto extends ShownError {}

const STALLED_AFTER_MS = 30_000;
const MOST_POLLS = 30;

/** How large a picture is, or null where this browser cannot read it. Only its head is read. */
async function sizeOf(file: Blob): Promise<Size | null> {
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await new Promise((resolve, reject) => {
      image.addEventListener("load", resolve);
      image.addEventListener("error", reject);
    });
    return { width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** A smaller JPEG, upright and in sRGB. Throws where this browser cannot read the picture. */
async function convert(file: Blob): Promise<Blob | null> {
  const image = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  const brush = canvas.getContext("2d");
  if (brush === null) return null;
  // JPEG has no transparency; without a ground it would be black.
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}

async function prepare(file: Blob): Promise<{ bytes: Blob; type: PictureType }> {
  const kind = sniffPicture(new Uint8Array(await file.slice(0, 12).arrayBuffer()));
  const plan = planUpload(kind, file.size, await sizeOf(file));
  if (plan.do === "upload") return { bytes: file, type: plan.type };
  if (plan.do === "refuse") throw new UnusablePhoto(t(`photo.${plan.why}`));
  const bytes = await convert(file).catch(() => null);
  if (bytes === null || bytes.size > MOST_BYTES) throw new UnusablePhoto(t(`photo.${plan.else}`));
  return { bytes, type: "image/jpeg" };
}

/** XHR, because fetch does not tell how much of a body has been sent. */
function put({ method, url, headers }: UploadCall, bytes: Blob, onShare: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let stalled: ReturnType<typeof setTimeout> | undefined;
    const watch = () => {
      clearTimeout(stalled);
      stalled = setTimeout(() => request.abort(), STALLED_AFTER_MS);
    };
    const fail = () => reject(new ShownError(t("photo.failed")));
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) {
      // The browser writes these two itself and forbids a page to.
      if (!/^(host|content-length)$/i.test(name)) request.setRequestHeader(name, value);
    }
    request.upload.addEventListener("progress", (event) => {
      watch();
      if (event.lengthComputable) onShare(event.loaded / event.total);
    });
    request.addEventListener("load", () => (request.status >= 200 && request.status < 300 ? resolve() : fail()));
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    request.addEventListener("loadend", () => clearTimeout(stalled));
    watch();
    request.send(bytes);
  });
}

async function waitUntilReady(id: string): Promise<Media> {
  for (let attempt = 0; attempt < MOST_POLLS; attempt += 1) {
    await pause(pollDelay(attempt));
    const media = await take(member.GET("/media/{media_id}", { params: { path: { media_id: id } } }));
    if (media.state === "ready") return media;
    if (media.state === "refused") throw new UnusablePhoto(media.refusal?.detail ?? t("photo.unknown"));
  }
  throw new ShownError(t("photo.slow"));
}

/**
 * Uploads a file and gives what the API says of it once its pictures are made. Throws a ShownError with the
 * reason when it cannot be used.
 */
export async function uploadPhoto(file: Blob, purpose: Purpose, report: (progress: Progress) => void): Promise<Media> {
  report({ state: "preparing" });
  const { bytes, type } = await prepare(file);
  const body = { purpose, content_type: type, size_bytes: bytes.size };
  const granted = await take(member.POST("/media/uploads", { params: { header: { "Idempotency-Key": newKey() } }, body }));
  const send = () => put(granted.upload, bytes, (share) => report({ state: "uploading", share }));
  report({ state: "uploading", share: 0 });
  // The same bytes to the same address: sending them twice harms nothing.
  await send().catch(send);
  report({ state: "processing" });
  return waitUntilReady(granted.media_id);
}

/** How far a photo is, in words. */
export function progressText(progress: Progress): string {
  if (progress.state === "uploading") return t("photo.uploading", { percent: Math.round(progress.share * 100) });
  return t(`photo.${progress.state}`);
}
