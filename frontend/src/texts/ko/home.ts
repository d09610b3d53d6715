import type { Texts } from "../texts";

export default {
  "home.title": "오늘의 장터",
  "home.lead": "갓 올라온 물건부터 둘러보세요.",
  "home.categories": "분류",
  "home.all": "전체",
  "home.listings": "새로 올라온 물건",
  "home.more": "더 보기",
  "home.more_done": "물건 {count}개를 더 불러왔어요.",
  "home.empty": "아직 물건이 없어요",
  "home.empty_text": "첫 번째 좌판을 펼쳐 보세요. 사진 몇 장이면 충분해요.",
  "home.empty_action": "물건 팔기",
} satisfies Texts;
