import type { Texts } from "../texts";

export default {
  "chart.as_table": "표로 보기",
  "chart.day": "날짜",
} satisfies Texts;
