import type { Texts } from "../texts";

export default {
  "home.title": "오늘의 장터",
  "home.lead": "갓 올라온 상품부터 둘러보세요.",
  "home.categories": "분류",
  "home.all": "전체",
  "home.listings": "새로 올라온 상품",
  "home.more": "더 보기",
  "home.more_done": "상품 {count}개를 더 불러왔어요.",
  "home.empty": "아직 상품이 없어요",
  "home.empty_text": "첫 번째 상품을 올려 보세요. 사진 몇 장이면 충분해요.",
  "home.empty_action": "상품 등록하기",
} satisfies Texts;
