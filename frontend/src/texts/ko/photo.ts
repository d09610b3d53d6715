import type { Texts } from "../texts";

export default {
  "photo.preparing": "준비하고 있어요",
  "photo.uploading": "올리는 중 {percent}%",
  "photo.processing": "사진을 처리하고 있어요",
  "photo.ready": "준비됐어요",
  "photo.slow": "아직 처리하고 있어요. 잠시 뒤에 다시 시도해 주세요.",
  "photo.failed": "올리지 못했어요. 인터넷 연결을 확인해 주세요.",
  "photo.heic": "이 브라우저는 HEIC 사진을 읽지 못해요. JPEG로 바꾸어 올려 주세요. (아이폰: 설정 › 카메라 › 포맷 › 높은 호환성)",
  "photo.avif": "이 브라우저는 AVIF 사진을 읽지 못해요. JPEG로 바꾸어 올려 주세요.",
  "photo.unknown": "사진 파일이 아닌 것 같아요. JPEG, PNG, WebP를 올려 주세요.",
  "photo.too_large": "10MB보다 큰 사진이에요. 더 작은 사진을 올려 주세요.",
} satisfies Texts;
