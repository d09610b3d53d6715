import type { Texts } from "../texts";

export default {
  "404.title": "여기에는 좌판이 없어요",
  "404.text": "주소가 바뀌었거나 물건이 내려갔을 수 있어요.",
} satisfies Texts;
