import { ask, byId, fill, make, moment, often, row, showing } from "./common.js";

function ahead(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const words = [];
  for (const [size, name] of parts) {
    if (seconds >= size) words.push(`${Math.floor(seconds / size)} ${name}`);
    seconds %= size;
  }
  return words.length === 0 ? "as this machine has it" : `${words.join(" ")} ahead of this machine`;
}

async function show() {
  const [clock, info] = await Promise.all([ask("/_local/clock"), ask("/_local/info")]);
  byId("now").textContent = moment(clock.now, true);
  byId("offset").textContent = ahead(clock.offset_s);
  fill("schedules", info.schedules.map(({ name, due }) => row(make("code", {}, name), moment(due, true))));
}

const buttons = [...document.querySelectorAll("[data-advance]")];
for (const button of buttons) {
  button.addEventListener("click", () => showing("done", async () => {
    for (const one of buttons) one.disabled = true;
    byId("done").textContent = "Moving, and delivering what is due …";
    try {
      await ask("/_local/clock", { advance_s: Number(button.dataset.advance) });
      byId("done").textContent = `Moved by ${button.textContent.slice(1)}; what became due was delivered.`;
      await show();
    } finally {
      for (const one of buttons) one.disabled = false;
    }
  }));
}

often(() => showing("done", show), 1000);
