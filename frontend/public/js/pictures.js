// What a picture file is, told by its first bytes: the type that the browser
// guesses from a file's name is often empty or wrong on phones.

/** The service refuses larger files: 10 MiB. */
export const MOST_BYTES = 10 * 1024 * 1024;

const ISO_IMAGE_BRANDS = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1", "avif"];

function ascii(bytes, from, to) {
  return String.fromCharCode(...bytes.slice(from, to));
}

/**
 * "image/jpeg", "image/png", "image/webp", "image/heic" (any picture of the
 * HEIF family, which the service does not read), or null for anything else.
 * Needs the first 12 bytes.
 */
export function sniffPicture(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
  if (bytes[0] === 0x89 && ascii(bytes, 1, 4) === "PNG") return "image/png";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP") return "image/webp";
  if (ascii(bytes, 4, 8) === "ftyp" && ISO_IMAGE_BRANDS.includes(ascii(bytes, 8, 12))) {
    return "image/heic";
  }
  return null;
}

/**
 * What to do with a file of this kind and size: "upload" it, "shrink" it first
 * (only a JPEG that is too large), or refuse it as "heic", "unknown" or
 * "too_large".
 */
export function planUpload(kind, sizeBytes) {
  if (kind === "image/heic") return "heic";
  if (kind === null || sizeBytes === 0) return "unknown";
  if (sizeBytes <= MOST_BYTES) return "upload";
  return kind === "image/jpeg" ? "shrink" : "too_large";
}

/** How long to wait before asking again, in ms: 500, growing by half, at most 3000. */
export function pollDelay(attempt) {
  return Math.min(3000, Math.round(500 * 1.5 ** attempt));
}
