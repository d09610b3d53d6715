// The accounts at Google and Kakao that can sign in to this one.

import { get, post, remove } from "../api.js";
import { t } from "../i18n.js";
import { NEWS, PROVIDERS } from "../logins.js";
import { byId, errorText, focusOn, h, leaveTo, say, whileBusy } from "../ui.js";
import { prove } from "./proof.js";

async function link(provider, user) {
  const what = { user, title: t("account.link_title", { provider: PROVIDERS[provider] }), submit: t("proof.go_on") };
  await prove(what, async (proof) => {
    const body = { ...proof, return_to: NEWS[provider] };
    const { authorize_url: address } = await post(`/me/logins/${provider}`, body, { auth: "required" });
    await leaveTo(address);
  });
}

async function unlink(provider, tell) {
  await remove(`/me/logins/${provider}`, { auth: "required" });
  tell(t("account.unlinked", { provider: PROVIDERS[provider] }));
}

function row(provider, login, user, tell) {
  const button = h("button", { class: "button quiet", type: "button", dataset: { provider } }, t(login ? "account.unlink" : "account.link"));
  button.addEventListener("click", () => whileBusy(button, async () => {
    say(byId("logins-error"), "");
    try {
      await (login ? unlink(provider, tell) : link(provider, user));
    } catch (error) {
      say(byId("logins-error"), errorText(error));
    }
    await startLogins(user, tell);
    // The row was made anew.
    focusOn(byId("logins").querySelector(`[data-provider=${provider}]`) ?? byId("logins-title"));
  }));
  return h("li", {},
    h("span", {}, h("strong", {}, PROVIDERS[provider]), h("span", { class: "note" }, login?.email ?? t(login ? "account.linked" : "account.not_linked"))),
    login && !login.can_unlink ? h("span", { class: "note" }, t("account.last_way_in")) : button);
}

/** Shows both providers, linked or not. */
export async function startLogins(user, tell) {
  try {
    const { items } = await get("/me/logins", { auth: "required" });
    byId("logins").replaceChildren(...Object.keys(PROVIDERS)
      .map((provider) => row(provider, items.find((login) => login.provider === provider), user, tell)));
  } catch (error) {
    say(byId("logins-error"), errorText(error));
  }
}
