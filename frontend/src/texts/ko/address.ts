import type { Texts } from "../texts";

export default {
  "address.recipient": "받는 분",
  "address.postcode": "우편번호",
  "address.postcode_digits": "우편번호 5자리를 숫자로 적어 주세요.",
  "address.address": "주소",
  "address.detail": "상세 주소",
  "address.memo": "배송 메모",
} satisfies Texts;
