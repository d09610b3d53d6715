// Every part of the kit on one page, for people who build pages and for the visual test. No link leads here.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { ShownError } from "../api/problem";
import { BusyButton } from "../kit/busy-button";
import { Chart } from "../kit/chart";
import { CopyButton } from "../kit/copy-button";
import { DataTable } from "../kit/data-table";
import { DateRange, type Range } from "../kit/date-range";
import { Dialog } from "../kit/dialog";
import { Field, Form, Group, Select, SubmitButton, TextArea } from "../kit/form";
import { ListingSkeletons } from "../kit/listing-card";
import { NewPasswordField } from "../kit/password-field";
import { NoPicture } from "../kit/picture";
import { ProgressLine } from "../kit/progress-line";
import { Stepper } from "../kit/stepper";
import { Tabs } from "../kit/tabs";
import { LoadError, State } from "../kit/texts";
import { toast } from "../kit/toast";
import { moneyText, timesQuantity } from "../lib/money";
import { pause } from "../lib/time";
import type { TextKey } from "../texts/keys";
import { t } from "../texts/texts";
import { startPage } from "./start";

function Part({ title, children }: { title: TextKey; children: ComponentChildren }) {
  return (
    <section class="sheet kit-part">
      <h2>{t(title)}</h2>
      {children}
    </section>
  );
}

function Buttons() {
  return (
    <Part title="kit.buttons">
      <div class="actions">
        <button class="button" type="button">
          {t("listing.buy")}
        </button>
        <button class="button quiet" type="button">
          {t("close")}
        </button>
        <button class="button danger" type="button">
          {t("account.withdraw")}
        </button>
        <button class="button large" type="button">
          {t("listing.buy")}
        </button>
        <button class="button quiet small" type="button">
          {t("retry")}
        </button>
        <button class="button" type="button" aria-disabled="true">
          {t("listing.sold_out")}
        </button>
        <BusyButton onTap={() => pause(2000)}>{t("retry")}</BusyButton>
        <CopyButton text="654321098765" label="account.copy" />
      </div>
    </Part>
  );
}

/** What the API answers when fields are wrong. */
async function refuse(): Promise<never> {
  const wrong = (pointer: string) => ({ pointer, code: "invalid", detail: t("kit.wrong") });
  throw new ShownError(t("error.check_fields"), [wrong("/title"), wrong("/category"), wrong("/description"), wrong("/group")]);
}

function FormPart() {
  const category = useSignal("");
  return (
    <Part title="kit.form">
      <Form id="kit-form" onSend={refuse}>
        <Field name="title" label="sell.name" hint={t("signup.nickname_hint")} isOptional autocomplete="off" />
        <Select name="category" label="sell.category" value={category.value} onChange={(value) => (category.value = value)}>
          <option value="">{t("sell.category_choose")}</option>
          <option value="1">1</option>
        </Select>
        <TextArea name="description" label="sell.description" rows={3} />
        <Group name="group" legend="sell.options">
          <p class="hint">{t("sell.options_hint")}</p>
        </Group>
        <NewPasswordField label="field.password" hint={t("signup.password_hint")} />
        <SubmitButton>{t("account.save")}</SubmitButton>
      </Form>
    </Part>
  );
}

function Dialogs() {
  const open = useSignal<"dialog" | "sheet" | null>(null);
  const close = () => {
    open.value = null;
  };
  return (
    <Part title="kit.dialogs">
      <div class="actions">
        <button id="open-dialog" class="button quiet" type="button" onClick={() => (open.value = "dialog")}>
          {t("kit.open_dialog")}
        </button>
        <button id="open-sheet" class="button quiet" type="button" onClick={() => (open.value = "sheet")}>
          {t("kit.open_sheet")}
        </button>
        <button id="show-toast" class="button quiet" type="button" onClick={() => toast(t("kit.toast_text"), async () => toast(t("kit.undone")))}>
          {t("kit.toast")}
        </button>
      </div>
      {open.value !== null && (
        <Dialog titleId="kit-dialog-title" isSheet={open.value === "sheet"} onClose={close}>
          <h2 id="kit-dialog-title">{t("kit.dialogs")}</h2>
          <p>{t("kit.lead")}</p>
          <div class="actions">
            <button class="button" type="button" onClick={close}>
              {t("close")}
            </button>
          </div>
        </Dialog>
      )}
    </Part>
  );
}

function TabsPart() {
  const tab = (number: number) => ({ id: `kit-${number}`, name: t("kit.tab_n", { number }), content: () => <p>{t("kit.tab_n", { number })}</p> });
  return (
    <Part title="kit.tabs">
      <Tabs label={t("kit.tabs")} tabs={[tab(1), tab(2), tab(3)]} />
    </Part>
  );
}

const ROWS = ["Onggi", "Moon jar", "Norigae", "Bojagi", "Sotdae"].map((name, index) => ({
  id: `row-${index}`,
  name,
  sold: (index * 7) % 11,
  price: { amount: 12_000 + index * 3_500, currency: "KRW" },
  since: `2026-11-0${index + 1}`,
}));

function TablePart() {
  const rows = useSignal(ROWS);
  return (
    <Part title="kit.table">
      <DataTable
        id="kit-table"
        caption={t("kit.table")}
        rows={rows.value}
        nameOf={({ name }) => name}
        columns={[
          { id: "name", name: t("sell.name"), value: ({ name }) => name },
          { id: "sold", name: t("kit.sold"), value: ({ sold }) => sold, isNumber: true },
          { id: "price", name: t("sell.price"), value: ({ price }) => price.amount, show: ({ price }) => moneyText(price), isNumber: true },
          { id: "since", name: t("kit.day"), value: ({ since }) => since },
        ]}
        actions={(chosen, clear) => (
          <button
            class="button quiet small"
            type="button"
            onClick={() => {
              rows.value = rows.value.filter((row) => !chosen.includes(row));
              clear();
            }}
          >
            {t("kit.remove")}
          </button>
        )}
      />
    </Part>
  );
}

function Amounts() {
  const quantity = useSignal(2);
  const price = { amount: 12_000, currency: "KRW" };
  return (
    <Part title="kit.amounts">
      <div class="quantity">
        <label for="quantity">{t("listing.quantity")}</label>
        <Stepper id="quantity" value={quantity.value} most={9} onChange={(next) => (quantity.value = next)} />
      </div>
      <p class="price">{moneyText(timesQuantity(price, quantity.value))}</p>
    </Part>
  );
}

function Ranges() {
  const days = useSignal<Range>({ from: "2026-12-01", to: "2026-12-05" });
  const moments = useSignal<Range>({ from: "", to: "" });
  return (
    <Part title="kit.range">
      <DateRange id="days" label={t("kit.range")} value={days.value} onChange={(range) => (days.value = range)} />
      <DateRange id="moments" label={t("kit.range")} withTime value={moments.value} onChange={(range) => (moments.value = range)} />
    </Part>
  );
}

const DAYS = Array.from({ length: 14 }, (_, day) => `2026-11-${String(day + 10).padStart(2, "0")}`);
const SERIES = DAYS.map((_, day) => ((day * 5) % 9) + day);

function Kit() {
  return (
    <div class="kit">
      <h1>{t("kit.title")}</h1>
      <p class="lead">{t("kit.lead")}</p>
      <Buttons />
      <FormPart />
      <Dialogs />
      <TabsPart />
      <TablePart />
      <Amounts />
      <Ranges />
      <Part title="kit.progress">
        <ProgressLine label={t("kit.progress")} steps={[t("kit.tab_n", { number: 1 }), t("kit.tab_n", { number: 2 }), t("kit.tab_n", { number: 3 })]} place={1} />
      </Part>
      <Part title="kit.chart">
        <Chart caption={t("kit.chart_text")} days={DAYS} series={[{ name: t("kit.sold"), values: SERIES }]} show={String} />
      </Part>
      <Part title="kit.pictures">
        <div class="kit-picture">
          <NoPicture title={t("brand")} />
        </div>
        <ul class="grid" aria-label={t("kit.pictures")}>
          <ListingSkeletons />
        </ul>
      </Part>
      <Part title="kit.states">
        <State title={t("home.empty")} text={t("home.empty_text")}>
          <a class="button" href="/sell.html">
            {t("home.empty_action")}
          </a>
        </State>
        <p class="loading">{t("loading")}</p>
        <LoadError error={new ShownError(t("error.network"))} again={() => null} />
      </Part>
    </div>
  );
}

void startPage(Kit, {
  ko: () => import("texts:ko:common,forms,home,listing,sell,account,sign-up,table,range,chart,kit"),
  en: () => import("texts:en:common,forms,home,listing,sell,account,sign-up,table,range,chart,kit"),
});
