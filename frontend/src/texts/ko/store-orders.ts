import type { Texts } from "../texts";

export default {
  "store_orders.title": "판매 주문",
  "store_orders.empty_text": "주문이 들어오면 여기에 보여요. 메일로도 알려 드려요.",
  "store_orders.not_yours": "이 가게의 주문은 볼 수 없어요",
  "store_orders.buyer": "주문자",
  "store_orders.prepare": "상품 준비 시작",
  "store_orders.ship": "발송 처리",
  "store_orders.ship_title": "어떻게 발송하셨나요?",
  "store_orders.ship_text": "택배사와 운송장 번호를 구매자에게 알려 드려요.",
  "store_orders.ship_do": "발송했어요",
  "store_orders.carrier": "택배사",
  "store_orders.carrier_name": "택배사 이름",
  "store_orders.number": "운송장 번호",
  "store_orders.number_wrong": "운송장 번호를 숫자와 영문 5~40자로 적어 주세요.",
  "store_orders.deliver": "배송 완료 처리",
  "store_orders.deliver_ask": "상품이 도착했나요?",
  "store_orders.deliver_text": "배송 완료로 바꾸면 되돌릴 수 없어요. 7일이 지나면 구매가 자동으로 확정돼요.",
  "store_orders.deliver_do": "도착했어요",
  "store_orders.cancel_text": "구매자가 이 사유를 읽게 돼요. 결제 금액은 모두 환불되고, 되돌릴 수 없어요.",
  "store_orders.copy_address": "주소 복사",
} satisfies Texts;
