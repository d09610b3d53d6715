import type { Texts } from "../texts";

export default {
  "field.email": "이메일",
  "field.password": "비밀번호",
  "field.nickname": "닉네임",
  "field.code": "인증번호",
  "field.name": "이름",
  "field.phone": "전화번호",
  "password.show": "보기",
  "password.hide": "숨기기",
} satisfies Texts;
