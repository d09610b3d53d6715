import type { Texts } from "../texts";

export default {
  "signup.title": "가입하기",
  "signup.profile_title": "거의 다 됐어요",
  "signup.nickname_hint": "장터에서 보이는 이름이에요.",
  "signup.password_hint": "8자 이상. 길수록 안전해요.",
  "signup.submit": "가입하고 시작하기",
  "signup.have_account": "이미 가입하셨나요?",
} satisfies Texts;
