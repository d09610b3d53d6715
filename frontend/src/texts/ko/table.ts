import type { Texts } from "../texts";

export default {
  "table.filter": "목록에서 찾기",
  "table.count": "{count}개",
  "table.chosen": "{count}개 선택",
  "table.choose_all": "모두 선택",
  "table.choose": "{name} 선택",
  "table.empty": "조건에 맞는 것이 없어요.",
} satisfies Texts;
