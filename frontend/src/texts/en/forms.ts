import type ko from "../ko/forms";
import type { Text } from "../texts";

export default {
  "field.email": "E-mail",
  "field.password": "Password",
  "field.nickname": "Nickname",
  "field.code": "Code",
  "field.name": "Name",
  "field.phone": "Phone",
  "password.show": "Show",
  "password.hide": "Hide",
} satisfies Record<keyof typeof ko, Text>;
