import type { Texts } from "../texts";

export default {
  "reset.title": "비밀번호 재설정",
  "reset.forgot": "비밀번호를 잊으셨나요?",
  "reset.password_title": "새 비밀번호를 정해 주세요",
  "reset.password": "새 비밀번호",
  "reset.submit": "비밀번호 바꾸고 로그인",
  "reset.note": "다른 기기에서는 모두 로그아웃돼요.",
} satisfies Texts;
