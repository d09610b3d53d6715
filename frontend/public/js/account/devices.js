// The devices on which a person is signed in.

import { get, remove } from "../api.js";
import { t } from "../i18n.js";
import { agoText, byId, dateText, errorText, focusOn, h, say, whileBusy } from "../ui.js";

function row(device, again) {
  const end = h("button", { class: "button quiet", type: "button" }, t("nav.sign_out"));
  end.addEventListener("click", () => whileBusy(end, async () => {
    try {
      await remove(`/me/sessions/${encodeURIComponent(device.id)}`, { auth: "required" });
    } catch (error) {
      say(byId("devices-error"), errorText(error));
    }
    await again();
    // The row is gone, or was made anew.
    focusOn(byId("devices-title"));
  }));
  return h("li", {},
    h("span", {}, h("strong", {}, device.device), h("span", { class: "note", title: dateText(device.last_used_at) },
      device.is_present ? t("account.this_device") : agoText(device.last_used_at))),
    device.is_present ? null : end);
}

/** Shows the list, with a button for each but the present one. */
export async function startDevices() {
  try {
    const { items } = await get("/me/sessions", { auth: "required" });
    byId("devices").replaceChildren(...items.map((device) => row(device, startDevices)));
  } catch (error) {
    say(byId("devices-error"), errorText(error));
  }
}
