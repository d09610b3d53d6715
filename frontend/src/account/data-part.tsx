// What is known of a person: having it as a file, and having it erased.

import { signal } from "@preact/signals";

import { member, take } from "../api/client";
import type { components } from "../api/schema";
import { BusyButton } from "../kit/busy-button";
import { tellProblem } from "../kit/problem";
import { endSession, leaveDevice } from "../session/session";
import { t } from "../texts/texts";
import { Part, type Profile, focusOn } from "./parts";
import { prove } from "./prove";

type Export = components["schemas"]["Export"];

/** When everything is erased, once that was asked for. */
export const eraseAt = signal<string | null>(null);
const problem = signal("");

/** Everything that is kept; a long list comes in parts, which are put together. */
async function readAll(): Promise<Export> {
  const whole = await take(member.GET("/me/export"));
  for (let cursor = whole.next_cursor; cursor; ) {
    const more = await take(member.GET("/me/export", { params: { query: { cursor } } }));
    whole.orders.push(...more.orders);
    whole.listings.push(...more.listings);
    whole.media.push(...more.media);
    cursor = more.next_cursor;
  }
  return { ...whole, next_cursor: null };
}

/** The file is made here, because the call needs the token. */
async function download(): Promise<void> {
  const archive = JSON.stringify(await readAll(), null, 2);
  const address = URL.createObjectURL(new Blob([archive], { type: "application/json" }));
  Object.assign(document.createElement("a"), { href: address, download: "jangteo.json" }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function withdraw(user: Profile): Promise<void> {
  const what = {
    email: user.email,
    title: t("account.withdraw"),
    text: t("account.withdraw_text"),
    submit: t("account.withdraw"),
    secondFactor: user.second_factor,
    isDanger: true,
  };
  const proved = await prove(what, (proof) => take(member.DELETE("/me", { body: proof })));
  if (proved === null) return;
  endSession();
  leaveDevice();
  eraseAt.value = proved.done.erase_at;
  focusOn(".state h1");
}

export function DataPart({ user }: { user: Profile }) {
  return (
    <Part id="data" title="account.data" problem={problem.value}>
      <p>{t("account.export_text")}</p>
      <div>
        <BusyButton id="export" class="button quiet" onTap={() => tellProblem(problem, download)}>
          {t("account.export")}
        </BusyButton>
      </div>
      <p>{t("account.withdraw_text")}</p>
      <div>
        <BusyButton id="withdraw" class="button danger" onTap={() => tellProblem(problem, () => withdraw(user))}>
          {t("account.withdraw")}
        </BusyButton>
      </div>
    </Part>
  );
}
