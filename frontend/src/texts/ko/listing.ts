import type { Texts } from "../texts";

export default {
  "listing.sold_out": "품절이에요",
  "listing.pictures": "상품 사진",
  "listing.picture_n": "사진 {number} / {count}",
  "listing.seller": "판매자 {nickname}",
  "listing.quantity": "수량",
  "listing.less": "하나 줄이기",
  "listing.more": "하나 늘리기",
  "listing.delivery": "배송비 {fee} · {least} 이상 무료배송",
  "listing.buy": "바로 구매",
  "listing.choose": "{option|을/를} 선택해 주세요",
  "listing.left": "{count}개 남았어요",
  "listing.in_stock": "재고가 있어요",
  "listing.combination_sold_out": "이 조합은 품절이에요.",
  "listing.combination_missing": "판매하지 않는 조합이에요.",
  "listing.value_sold_out": "품절",
  "listing.value_missing": "없음",
  "listing.description": "설명",
  "listing.gone": "찾으시는 상품이 없어요",
  "listing.gone_text": "주소가 바뀌었거나 판매가 끝났어요.",
} satisfies Texts;
