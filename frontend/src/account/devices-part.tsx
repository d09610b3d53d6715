// The devices on which a person is signed in, and signing out.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { member, signOut, take } from "../api/client";
import type { components } from "../api/schema";
import { BusyButton } from "../kit/busy-button";
import { tellProblem } from "../kit/problem";
import { errorText } from "../kit/texts";
import { agoText, dateText } from "../lib/time";
import { leaveTo } from "../session/provider-logins";
import { leaveDevice } from "../session/session";
import { t } from "../texts/texts";
import { Part, focusOn } from "./parts";

type Device = components["schemas"]["ShownSession"];

const devices = signal<Device[]>([]);
const problem = signal("");

async function load(): Promise<void> {
  try {
    devices.value = (await take(member.GET("/me/sessions"))).items;
  } catch (error) {
    problem.value = errorText(error);
  }
}

function Row({ device }: { device: Device }) {
  const end = async () => {
    await tellProblem(problem, () => take(member.DELETE("/me/sessions/{session_id}", { params: { path: { session_id: device.id } } })));
    await load();
    focusOn("#devices-title");
  };
  return (
    <li>
      <span>
        <strong>{device.device}</strong>
        <span class="note" title={dateText(device.last_used_at)}>
          {device.is_present ? t("account.this_device") : (agoText(device.last_used_at) ?? t("just_now"))}
        </span>
      </span>
      {!device.is_present && (
        <BusyButton class="button quiet" onTap={end}>
          {t("nav.sign_out")}
        </BusyButton>
      )}
    </li>
  );
}

function SignOutButton({ id, class: name, everywhere, children }: { id: string; class: string; everywhere: boolean; children: string }) {
  const leave = () =>
    tellProblem(problem, async () => {
      await signOut({ everywhere });
      leaveDevice();
      await leaveTo("/");
    });
  return (
    <BusyButton id={id} class={name} onTap={leave}>
      {children}
    </BusyButton>
  );
}

export function DevicesPart() {
  useEffect(() => void load(), []);
  return (
    <Part id="devices" title="account.devices" problem={problem.value}>
      <ul id="devices" class="rows">
        {devices.value.map((device) => (
          <Row key={device.id} device={device} />
        ))}
      </ul>
      <div class="actions">
        <SignOutButton id="sign-out" class="button" everywhere={false}>
          {t("nav.sign_out")}
        </SignOutButton>
        <SignOutButton id="sign-out-everywhere" class="button quiet" everywhere>
          {t("account.sign_out_everywhere")}
        </SignOutButton>
      </div>
    </Part>
  );
}
