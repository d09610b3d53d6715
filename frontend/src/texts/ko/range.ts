import type { Texts } from "../texts";

export default {
  "range.from": "시작",
  "range.to": "끝",
} satisfies Texts;
