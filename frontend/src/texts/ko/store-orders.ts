import type { Texts } from "../texts";

export default {
  "store_orders.title": "판매 주문",
  "store_orders.prepare": "상품 준비 시작",
  "store_orders.ship": "발송 처리",
  "store_orders.ship_title": "발송 처리",
  "store_orders.ship_do": "발송했어요",
  "store_orders.carrier": "택배사",
  "store_orders.carrier_name": "택배사 이름",
  "store_orders.number": "송장 번호",
  "store_orders.deliver": "배송 완료 처리",
  "store_orders.cancel_text": "구매자가 이 사유를 읽게 돼요. 결제 금액은 모두 환불돼요.",
  "store_orders.copy_address": "주소 복사",
} satisfies Texts;
