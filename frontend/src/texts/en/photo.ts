import type ko from "../ko/photo";
import type { Text } from "../texts";

export default {
  "photo.preparing": "Getting ready",
  "photo.uploading": "Uploading {percent}%",
  "photo.processing": "Preparing the picture",
  "photo.ready": "Ready",
  "photo.slow": "It is still being prepared. Please try again in a moment.",
  "photo.failed": "The upload failed. Please check your connection.",
  "photo.heic": "This browser cannot read HEIC photos. Please save it as JPEG. (iPhone: Settings › Camera › Formats › Most Compatible)",
  "photo.avif": "This browser cannot read AVIF photos. Please save it as JPEG.",
  "photo.unknown": "This does not look like a photo. Please choose a JPEG, PNG or WebP.",
  "photo.too_large": "This photo is larger than 10 MB. Please choose a smaller one.",
} satisfies Record<keyof typeof ko, Text>;
