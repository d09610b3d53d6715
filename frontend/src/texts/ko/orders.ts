import type { Texts } from "../texts";

export default {
  "orders.title": "내 주문",
  "orders.states": "주문 상태",
  "orders.all": "전체",
  "orders.tab.pending": "결제 대기",
  "orders.tab.paid": "결제 완료",
  "orders.tab.preparing": "준비 중",
  "orders.tab.shipping": "배송 중",
  "orders.tab.delivered": "배송 완료",
  "orders.tab.confirmed": "구매 확정",
  "orders.tab.cancel_refunding": "환불 중",
  "orders.tab.cancelled": "취소",
  "orders.empty": "주문이 아직 없어요",
  "orders.empty_state": "이 상태의 주문이 없어요",
  "orders.more": "더 보기",
  "orders.and_more": "{title} 외 {count}건",
  "orders.guest_title": "이 기기에서 비회원으로 한 주문",
  "orders.guest_text": "회원으로 주문했다면 로그인해 주세요. 다른 기기에서 한 비회원 주문은 메일의 링크로 열 수 있어요.",
} satisfies Texts;
