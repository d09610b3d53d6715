// One's own account: what others see, how one signs in, and what is known of one.

import { signal } from "@preact/signals";

import { AddressesPart } from "../account/addresses-part";
import { DataPart, eraseAt } from "../account/data-part";
import { DevicesPart } from "../account/devices-part";
import { LoginsPart, loginsProblem } from "../account/logins-part";
import { news, profile, tell } from "../account/parts";
import { PasswordPart } from "../account/password-part";
import { ProfilePart } from "../account/profile-part";
import { SecondFactorPart } from "../account/second-factor-part";
import { member, take } from "../api/client";
import { LoadError, State } from "../kit/texts";
import { dateText } from "../lib/time";
import { PROVIDERS, type Provider, loginFailure } from "../session/provider-logins";
import { t } from "../texts/texts";
import { membersOnly, startPage } from "./start";

const failure = signal<unknown>(null);

async function load(): Promise<void> {
  failure.value = null;
  try {
    profile.value = await take(member.GET("/me"));
    tellOfLogin();
  } catch (error) {
    failure.value = error;
  }
}

/** What became of a login, for a person who comes back from one; told once. */
function tellOfLogin(): void {
  const query = new URLSearchParams(location.search);
  const [error, what] = [query.get("error"), query.get("news") ?? ""];
  if (error !== null) loginsProblem.value = loginFailure(error);
  if (what === "stayed") tell(t("account.stayed"));
  else if (what in PROVIDERS) tell(t("account.linked_now", { provider: PROVIDERS[what as Provider] }));
  else return;
  history.replaceState(null, "", location.pathname);
}

function Account() {
  const user = profile.value;
  if (eraseAt.value !== null) {
    return (
      <State title={t("account.withdrawn")} text={t("account.withdrawn_text", { date: dateText(eraseAt.value) })}>
        <a class="button" href="/">
          {t("back_home")}
        </a>
        <a class="button quiet" href="/sign-in.html">
          {t("nav.sign_in")}
        </a>
      </State>
    );
  }
  if (failure.value !== null) return <LoadError error={failure.value} again={load} />;
  if (user === null) return <p class="loading">{t("loading")}</p>;
  return (
    <div id="account" class="narrow account">
      <h1>{t("account.title")}</h1>
      <p id="news" class="message" role="status" hidden={news.value === ""}>
        {news}
      </p>
      <ProfilePart user={user} />
      <AddressesPart />
      <PasswordPart user={user} />
      <SecondFactorPart user={user} />
      <LoginsPart user={user} />
      <DevicesPart />
      <DataPart user={user} />
    </div>
  );
}

void membersOnly()
  .then(() =>
    startPage(Account, {
      ko: () => import("texts:ko:common,forms,code,sign-up,signing-in,reset-password,proof,photo,address,account"),
      en: () => import("texts:en:common,forms,code,sign-up,signing-in,reset-password,proof,photo,address,account"),
    }),
  )
  .then(load);
