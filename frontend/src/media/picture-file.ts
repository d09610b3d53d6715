// What a picture file is, told by its first bytes: the type that the browser guesses from a file's name is
// often empty or wrong on phones.

/** The service refuses larger files: 10 MiB. */
export const MOST_BYTES = 10 * 1024 * 1024;

/** What the service reads. */
export type PictureType = "image/jpeg" | "image/png" | "image/webp";
export type PictureKind = PictureType | "image/heic" | null;

const ISO_IMAGE_BRANDS = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif"];

function ascii(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.slice(from, to));
}

/**
 * The kind by the first 12 bytes: "image/heic" is any picture of the HEIF family, which the service does not
 * read; null is anything that is no picture.
 */
export function sniffPicture(bytes: Uint8Array): PictureKind {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
  if (bytes[0] === 0x89 && ascii(bytes, 1, 4) === "PNG") return "image/png";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "image/webp";
  if (ascii(bytes, 4, 8) === "ftyp" && ISO_IMAGE_BRANDS.includes(ascii(bytes, 8, 12))) return "image/heic";
  return null;
}

export type UploadPlan = { do: "upload" | "shrink"; type: PictureType } | { do: "refuse"; why: "heic" | "unknown" | "too_large" };

/** What to do with a file of this kind and size; only a JPEG that is too large is shrunk. */
export function planUpload(kind: PictureKind, sizeBytes: number): UploadPlan {
  if (kind === "image/heic") return { do: "refuse", why: "heic" };
  if (kind === null || sizeBytes === 0) return { do: "refuse", why: "unknown" };
  if (sizeBytes <= MOST_BYTES) return { do: "upload", type: kind };
  return kind === "image/jpeg" ? { do: "shrink", type: kind } : { do: "refuse", why: "too_large" };
}

/** How long to wait before asking again, in ms: 500, growing by half, at most 3000. */
export function pollDelay(attempt: number): number {
  return Math.min(3000, Math.round(500 * 1.5 ** attempt));
}
