import type { Texts } from "../texts";

export default {
  "404.title": "페이지를 찾을 수 없어요",
  "404.text": "주소가 바뀌었거나 판매가 끝난 상품일 수 있어요.",
} satisfies Texts;
