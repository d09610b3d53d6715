// The options of a listing being written, and the table of the variants that are their combinations.

import { useRef } from "preact/hooks";

import { CellField, Field, Group, typed } from "../kit/form";
import { MOST_OPTIONS, MOST_VARIANTS, combinationKey } from "../listing/variants";
import { t } from "../texts/texts";
import { type WrittenOption, type WrittenVariant, draft, write } from "./draft";
import { shownCombinations, typedFor } from "./sold";

function writeOptions(options: WrittenOption[]): void {
  write({ variants: { ...draft.value.variants, options } });
}

function writeVariants(changed: Map<string, WrittenVariant>): void {
  const { options, typed } = draft.value.variants;
  write({ variants: { options, typed: [...new Map([...typed, ...changed])] } });
}

export function OptionsPart() {
  const { options } = draft.value.variants;
  const list = useRef<HTMLUListElement>(null);
  const add = useRef<HTMLButtonElement>(null);
  const change = (index: number, part: Partial<WrittenOption>) => writeOptions(options.map((option, at) => (at === index ? { ...option, ...part } : option)));
  const addOption = () => {
    writeOptions([...options, { name: "", text: "" }]);
    requestAnimationFrame(() => list.current?.lastElementChild?.querySelector("input")?.focus());
  };
  const removeOption = (index: number) => {
    writeOptions(options.filter((_, at) => at !== index));
    requestAnimationFrame(() => add.current?.focus());
  };
  return (
    <Group name="options" legend="sell.options">
      <p class="hint">{t("sell.options_hint")}</p>
      <ul id="options" class="plain" ref={list}>
        {options.map((option, index) => (
          <li key={index}>
            <div class="option" role="group" aria-label={t("sell.option_n", { number: index + 1 })}>
              <Field
                id={`option-${index}-name`}
                name={`options.${index}.name`}
                label="sell.option_name"
                placeholder={t("sell.option_name_example")}
                autocomplete="off"
                maxLength={20}
                value={option.name}
                onInput={(event) => change(index, { name: typed(event) })}
              />
              <Field
                id={`option-${index}-text`}
                name={`options.${index}.values`}
                label="sell.option_values"
                placeholder={t("sell.option_values_example")}
                autocomplete="off"
                maxLength={1000}
                value={option.text}
                onInput={(event) => change(index, { text: typed(event) })}
              />
              <div class="actions">
                <button class="button quiet" type="button" onClick={() => removeOption(index)}>
                  {t("sell.option_remove", { number: index + 1 })}
                </button>
              </div>
            </div>
          </li>
        ))}
      </ul>
      <button id="add-option" class="button quiet" type="button" hidden={options.length >= MOST_OPTIONS} ref={add} onClick={addOption}>
        {t("sell.option_add")}
      </button>
    </Group>
  );
}

function Row({ values, index }: { values: string[]; index: number }) {
  const name = values.length > 0 ? values.join(" / ") : t("sell.variant_single");
  const now = typedFor(draft.value.variants, values);
  const cell = (part: keyof WrittenVariant, label: string) => (
    <td>
      <CellField
        name={`variants.${index}.${part}`}
        label={label}
        value={now[part]}
        inputMode="numeric"
        autocomplete="off"
        maxLength={15}
        onInput={(event) => writeVariants(new Map([[combinationKey(values), { ...now, [part]: typed(event) }]]))}
      />
    </td>
  );
  return (
    <tr>
      <th scope="row">{name}</th>
      {cell("price", t("sell.price_of", { variant: name }))}
      {cell("stock", t("sell.stock_of", { variant: name }))}
    </tr>
  );
}

export function VariantsPart() {
  const { variants } = draft.value;
  const made = shownCombinations(variants.options);
  const fillAll = () => {
    const first = typedFor(variants, made[0] ?? []);
    writeVariants(new Map(made.map((values) => [combinationKey(values), first])));
  };
  return (
    <Group name="variants" legend="sell.variants">
      {made.length > MOST_VARIANTS && (
        <p class="field-error" role="alert">
          {t("sell.too_many_variants", { count: made.length, most: MOST_VARIANTS })}
        </p>
      )}
      <table class="variants">
        <thead>
          <tr>
            <th scope="col">{t("sell.combination")}</th>
            <th scope="col">{t("sell.price")}</th>
            <th scope="col">{t("sell.stock")}</th>
          </tr>
        </thead>
        <tbody id="variants">
          {made.slice(0, MOST_VARIANTS).map((values, index) => (
            <Row key={combinationKey(values)} values={values} index={index} />
          ))}
        </tbody>
      </table>
      <button id="fill-all" class="button quiet" type="button" hidden={made.length < 2} onClick={fillAll}>
        {t("sell.fill_all")}
      </button>
    </Group>
  );
}
