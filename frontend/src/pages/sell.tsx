// Putting something on the market: photos, words, options, prices.

import { signal } from "@preact/signals";

import { attempt, finishAttempt } from "../api/attempts";
import { anyone, member, take } from "../api/client";
import { ShownError } from "../api/problem";
import type { components } from "../api/schema";
import { Field, type FieldErrors, Form, Select, SubmitButton, TextArea, typed } from "../kit/form";
import { Problem, tellProblem } from "../kit/problem";
import { language } from "../lib/language";
import { draft, forgetDraft, write } from "../sell/draft";
import { PhotosPart } from "../sell/photos-part";
import { photoIds, photosState } from "../sell/photos";
import { CURRENCY, readSold } from "../sell/sold";
import { OptionsPart, VariantsPart } from "../sell/variants-part";
import { leaveTo } from "../session/provider-logins";
import { t } from "../texts/texts";
import { membersOnly, startPage } from "./start";

const ATTEMPT = "listing";

const categories = signal<components["schemas"]["ShownCategory"][]>([]);
const problem = signal("");

async function loadCategories(): Promise<void> {
  await tellProblem(problem, async () => {
    categories.value = (await take(anyone.GET("/categories"))).items;
  });
}

function check(): FieldErrors {
  const read = readSold(draft.value.variants);
  return "errors" in read ? read.errors : {};
}

async function send(): Promise<void> {
  const { title, description, category, variants } = draft.value;
  const read = readSold(variants);
  if ("errors" in read) throw new ShownError(t("error.check_fields"));
  if (photosState.value !== "ready") throw new ShownError(t(`sell.photos_${photosState.value}`));
  const body = {
    kind: "sell" as const,
    title: title.trim(),
    description: description.trim(),
    category_id: category,
    currency: CURRENCY as typeof CURRENCY,
    ...read.sold,
    pictures: photoIds(),
  };
  const listing = await attempt(ATTEMPT, body, (key, sent) => take(member.POST("/listings", { params: { header: { "Idempotency-Key": key } }, body: sent })));
  finishAttempt(ATTEMPT);
  forgetDraft();
  await leaveTo(`/listing.html?id=${encodeURIComponent(listing.id)}`);
}

function Sell() {
  const now = draft.value;
  return (
    <div class="wide-form">
      <h1>{t("sell.title")}</h1>
      <p class="lead">{t("sell.lead")}</p>
      <Form id="form" check={check} onSend={send}>
        <Problem text={problem.value} />
        <PhotosPart />
        <div class="sheet">
          <Field name="title" label="sell.name" autocomplete="off" minLength={2} maxLength={60} required value={now.title} onInput={(event) => write({ title: typed(event) })} />
          <Select name="category_id" id="category" label="sell.category" required value={now.category} onChange={(category) => write({ category })}>
            <option value="">{t("sell.category_choose")}</option>
            {categories.value.map(({ id, name, name_ko: korean }) => (
              <option key={id} value={id}>
                {language() === "ko" ? korean : name}
              </option>
            ))}
          </Select>
          <TextArea name="description" label="sell.description" rows={6} maxLength={5000} required value={now.description} onInput={(event) => write({ description: typed(event) })} />
        </div>
        <OptionsPart />
        <VariantsPart />
        <SubmitButton class="button large">{t("sell.submit")}</SubmitButton>
      </Form>
    </div>
  );
}

void loadCategories();
void membersOnly().then(() =>
  startPage(Sell, {
    ko: () => import("texts:ko:common,photo,sell"),
    en: () => import("texts:en:common,photo,sell"),
  }),
);
