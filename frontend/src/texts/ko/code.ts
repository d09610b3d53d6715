import type { Texts } from "../texts";

export default {
  "code.step": "{number} / 3단계",
  "code.email_title": "이메일을 알려 주세요",
  "code.email_text": "인증번호를 보내 드려요.",
  "code.email_submit": "인증번호 받기",
  "code.title": "인증번호를 입력해 주세요",
  "code.sent": "{email|으로/로} 인증번호 6자리를 보냈어요.",
  "code.earlier": "조금 전에 {email|으로/로} 보낸 인증번호를 입력해 주세요. 새 인증번호는 잠시 뒤에 받을 수 있어요.",
  "code.left": "{time} 안에 입력해 주세요.",
  "code.over": "시간이 지났어요. 인증번호를 다시 받아 주세요.",
  "code.submit": "확인",
  "code.resend": "인증번호 다시 받기",
  "code.resend_in": "{time} 뒤에 다시 받을 수 있어요",
  "code.resent": "새 인증번호를 보냈어요.",
  "code.change_email": "이메일 변경",
  "code.mailbox": "로컬 우편함 열기",
  "code.mailbox_text": "지금은 로컬 클라우드예요. 메일은 밖으로 나가지 않고 우편함에 모여요.",
} satisfies Texts;
