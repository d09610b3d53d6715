// The accounts at Google and Kakao that can sign in to this one.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { member, take } from "../api/client";
import type { components } from "../api/schema";
import { BusyButton } from "../kit/busy-button";
import { tellProblem } from "../kit/problem";
import { errorText } from "../kit/texts";
import { NEWS, PROVIDERS, type Provider, leaveTo } from "../session/provider-logins";
import { t } from "../texts/texts";
import { Part, type Profile, focusOn, tell } from "./parts";
import { prove } from "./prove";

type Login = components["schemas"]["LinkedLogin"];

const logins = signal<Login[] | null>(null);
export const loginsProblem = signal("");

async function load(): Promise<void> {
  try {
    logins.value = (await take(member.GET("/me/logins"))).items;
  } catch (error) {
    loginsProblem.value = errorText(error);
  }
}

async function link(provider: Provider, user: Profile): Promise<void> {
  const what = { email: user.email, title: t("account.link_title", { provider: PROVIDERS[provider] }), submit: t("proof.go_on") };
  await prove(what, async (proof) => {
    const answer = await take(member.POST("/me/logins/{provider}", { params: { path: { provider } }, body: { ...proof, return_to: NEWS[provider] } }));
    await leaveTo(answer.authorize_url);
  });
}

async function unlink(provider: Provider): Promise<void> {
  await take(member.DELETE("/me/logins/{provider}", { params: { path: { provider } } }));
  tell(t("account.unlinked", { provider: PROVIDERS[provider] }));
}

function Row({ provider, login, user }: { provider: Provider; login: Login | undefined; user: Profile }) {
  const change = async () => {
    await tellProblem(loginsProblem, () => (login ? unlink(provider) : link(provider, user)));
    await load();
    focusOn(`#logins [data-provider=${provider}]`);
  };
  return (
    <li>
      <span>
        <strong>{PROVIDERS[provider]}</strong>
        <span class="note">{login?.email ?? t(login ? "account.linked" : "account.not_linked")}</span>
      </span>
      {login && !login.can_unlink ? (
        <span class="note">{t("account.last_way_in")}</span>
      ) : (
        <BusyButton class="button quiet" data-provider={provider} onTap={change}>
          {t(login ? "account.unlink" : "account.link")}
        </BusyButton>
      )}
    </li>
  );
}

export function LoginsPart({ user }: { user: Profile }) {
  useEffect(() => void load(), []);
  return (
    <Part id="logins" title="account.logins" problem={loginsProblem.value}>
      <ul id="logins" class="rows">
        {logins.value &&
          (Object.keys(PROVIDERS) as Provider[]).map((provider) => (
            <Row key={provider} provider={provider} login={logins.value?.find((each) => each.provider === provider)} user={user} />
          ))}
      </ul>
    </Part>
  );
}
