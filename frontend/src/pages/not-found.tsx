// An address that leads nowhere.

import { State } from "../kit/texts";
import { t } from "../texts/texts";
import { startPage } from "./start";

function NotFound() {
  return (
    <State title={t("404.title")} text={t("404.text")}>
      <a class="button" href="/">
        {t("back_home")}
      </a>
    </State>
  );
}

void startPage(NotFound, {
  ko: () => import("texts:ko:common,not-found"),
  en: () => import("texts:en:common,not-found"),
});
