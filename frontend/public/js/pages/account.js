// One's own account: what others see, how one signs in, and what is known of one.

import { membersOnly, showMenu } from "../layout.js";
import "../dialog.js";
import { get, post, remove, signOut } from "../api.js";
import { startDevices } from "../account/devices.js";
import { startLogins } from "../account/logins.js";
import { startProfile } from "../account/profile.js";
import { prove } from "../account/proof.js";
import { startSecondFactor } from "../account/second-factor.js";
import { t } from "../i18n.js";
import { loginFailure, loginNews } from "../logins.js";
import { endSession, leaveDevice } from "../session.js";
import { byId, dateText, focusOn, h, leaveTo, onSubmit, onTap, say, showLoadError, showState } from "../ui.js";

const signedIn = { auth: "required" };

/** Tells that something went well, where everybody looks; an empty text takes it back. */
function tell(text) {
  say(byId("news"), text);
  if (text !== "") byId("news").scrollIntoView({ block: "center" });
}

async function leave() {
  leaveDevice();
  await leaveTo("/");
}

function startPassword(user) {
  const form = byId("password");
  byId("username").value = user.email;
  onSubmit(form, async () => {
    const password = form.elements.password.value;
    const what = { user, title: t("account.password_change"), submit: t("account.password_change") };
    const done = await prove(what, (proof) => post("/me/password", { ...proof, password }, signedIn));
    if (done === null) return;
    form.reset();
    tell(t("account.password_changed"));
  });
}

function startSigningOut() {
  for (const [id, everywhere] of [["sign-out", false], ["sign-out-everywhere", true]]) {
    onTap(byId(id), byId("devices-error"), async () => {
      say(byId("devices-error"), "");
      await signOut({ everywhere });
      await leave();
    });
  }
}

/** The archive as a file, made here because the call needs the token. */
function startExport() {
  onTap(byId("export"), byId("data-error"), async () => {
    say(byId("data-error"), "");
    const archive = await get("/me/export", signedIn);
    const address = URL.createObjectURL(new Blob([JSON.stringify(archive, null, 2)], { type: "application/json" }));
    const link = Object.assign(document.createElement("a"), { href: address, download: "jangteo.json" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  });
}

function startWithdrawal(user) {
  byId("withdraw").addEventListener("click", async () => {
    const what = { user, title: t("account.withdraw"), text: t("account.withdraw_text"), submit: t("account.withdraw"), secondFactor: user.second_factor, danger: true };
    const planned = await prove(what, (proof) => remove("/me", { ...signedIn, body: proof }));
    if (planned === null) return;
    endSession();
    leaveDevice();
    showMenu();
    byId("account").hidden = true;
    byId("page").hidden = false;
    showState(byId("page"), {
      title: t("account.withdrawn"),
      text: t("account.withdrawn_text", { date: dateText(planned.erase_at) }),
      actions: [
        h("a", { class: "button", href: "/" }, t("back_home")),
        h("a", { class: "button quiet", href: "/sign-in.html" }, t("nav.sign_in")),
      ],
    });
    focusOn(byId("page").querySelector("h1"));
  });
}

/** What became of a login, for who comes back from one; told once. */
function tellOfLogin() {
  const query = new URLSearchParams(location.search);
  if (query.has("error")) say(byId("logins-error"), loginFailure(query.get("error")));
  const news = loginNews(query.get("news"));
  if (news === null) return;
  tell(news);
  history.replaceState(null, "", location.pathname);
}

async function start() {
  let user;
  await membersOnly();
  try {
    user = await get("/me", signedIn);
  } catch (error) {
    showLoadError(byId("page"), error, () => location.reload());
    return;
  }
  byId("page").hidden = true;
  byId("account").hidden = false;
  startProfile(user, tell);
  startPassword(user);
  startSecondFactor(user, tell);
  startLogins(user, tell);
  startDevices();
  startSigningOut();
  startExport();
  startWithdrawal(user);
  tellOfLogin();
}

start();
