// What a picture file is, told by its first bytes: the type that the browser guesses from a file's name is
// often empty or wrong on phones.

/** What the service takes: 10 MiB, 8,000 pixels on each side, 40 megapixels (shared/domain/src/media). */
export const MOST_BYTES = 10 * 1024 * 1024;
const MOST_SIDE = 8000;
const MOST_PIXELS = 40_000_000;

/** A photo of a phone that is larger than this is made smaller first, since nobody sees the difference. */
const LARGE_BYTES = 2 * 1024 * 1024;
/** Twice the largest picture that is made of it. */
export const LONGEST_SIDE = 3200;

/** What the service reads. */
export type PictureType = "image/jpeg" | "image/png" | "image/webp";
export type PictureKind = PictureType | "image/heic" | "image/avif" | null;

export interface Size {
  width: number;
  height: number;
}

const ISO_IMAGE_BRANDS = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"];

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.slice(from, to));
}

/**
 * The kind by the first 12 bytes: "image/heic" is any picture of the HEIF family but AVIF; null is anything that
 * is no picture. The service reads neither of the two; some browsers do.
 */
export function sniffPicture(bytes: Uint8Array): PictureKind {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
  if (bytes[0] === 0x89 && ascii(bytes, 1, 4) === "PNG") return "image/png";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "image/webp";
  if (ascii(bytes, 4, 8) === "ftyp" && ["avif", "avis"].includes(ascii(bytes, 8, 12))) return "image/avif";
  if (ascii(bytes, 4, 8) === "ftyp" && ISO_IMAGE_BRANDS.includes(ascii(bytes, 8, 12))) return "image/heic";
  return null;
}

export type Refusal = "heic" | "avif" | "unknown" | "too_large";
export type UploadPlan = { do: "upload"; type: PictureType } | { do: "convert"; else: Refusal } | { do: "refuse"; why: Refusal };

/**
 * What to do with a file of this kind and size. `size` is what the browser found, null where it cannot read the
 * picture. A picture that is converted becomes a smaller JPEG; where that fails it is refused for `else`.
 */
export function planUpload(kind: PictureKind, bytes: number, size: Size | null): UploadPlan {
  if (kind === null || bytes === 0) return { do: "refuse", why: "unknown" };
  if (kind === "image/heic" || kind === "image/avif") return { do: "convert", else: kind === "image/heic" ? "heic" : "avif" };
  const side = size === null ? 0 : Math.max(size.width, size.height);
  const isTooLarge = bytes > MOST_BYTES || side > MOST_SIDE || (size !== null && size.width * size.height > MOST_PIXELS);
  const isSlow = kind === "image/jpeg" && bytes > LARGE_BYTES && side > LONGEST_SIDE;
  return isTooLarge || isSlow ? { do: "convert", else: "too_large" } : { do: "upload", type: kind };
}

/** How long to wait before asking again, in ms: 500, growing by half, at most 3000. */
export function pollDelay(attempt: number): number {
  return Math.min(3000, Math.round(500 * 1.5 ** attempt));
}
