import type { Texts } from "../texts";

export default {
  "proof.text": "다른 사람이 하지 않도록, 본인인지 한 번 더 확인할게요.",
  "proof.no_password": "비밀번호가 없어요",
  "proof.go_on": "계속하기",
} satisfies Texts;
