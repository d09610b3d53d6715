// Where a person has goods sent to: what the checkout offers.

import { signal, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { newKey } from "../api/attempts";
import { member, take } from "../api/client";
import type { components } from "../api/schema";
import { BusyButton } from "../kit/busy-button";
import { Dialog, unlessBusy } from "../kit/dialog";
import { Field, Form, SubmitButton, textOf } from "../kit/form";
import { tellProblem } from "../kit/problem";
import { errorText } from "../kit/texts";
import { toast } from "../kit/toast";
import { addressLines } from "../orders/address";
import { PlaceFields, checkPlace, plainPostcode } from "../orders/place-fields";
import { t } from "../texts/texts";
import { Part, focusOn } from "./parts";

type Saved = components["schemas"]["ShownAddress"];
type Shipping = components["schemas"]["ShippingAddress"];

const addresses = signal<Saved[] | null>(null);
const problem = signal("");

async function load(): Promise<void> {
  try {
    addresses.value = (await take(member.GET("/me/addresses"))).items;
  } catch (error) {
    problem.value = errorText(error);
  }
}

function shippingOf(form: HTMLFormElement): Shipping {
  const text = (name: string) => textOf(form, `shipping.${name}`);
  return {
    name: text("name"),
    phone: text("phone"),
    postcode: plainPostcode(text("postcode")),
    address: text("address"),
    address_detail: text("address_detail") || null,
    memo: text("memo") || null,
  };
}

/** Adds an address, or changes the one that is given. */
function AddressDialog({ saved, onClose }: { saved: Saved | null; onClose: () => void }) {
  const now = saved?.shipping;
  // One key for the whole dialog: a second try after a lost answer adds no second address.
  const key = useMemo(newKey, []);
  const send = async (form: HTMLFormElement) => {
    const shipping = shippingOf(form);
    if (saved === null) await take(member.POST("/me/addresses", { params: { header: { "Idempotency-Key": key } }, body: { shipping } }));
    else await take(member.PATCH("/me/addresses/{address_id}", { params: { path: { address_id: saved.id } }, body: { shipping } }));
    await load();
    onClose();
  };
  return (
    <Dialog titleId="address-title" onClose={onClose}>
      <h2 id="address-title">{t(saved === null ? "account.address_add" : "account.address_edit")}</h2>
      <Form onSend={send} check={checkPlace}>
        <Field name="shipping.name" label="address.recipient" autocomplete="shipping name" maxLength={60} required autofocus defaultValue={now?.name ?? ""} />
        <Field name="shipping.phone" label="field.phone" type="tel" autocomplete="shipping tel" inputMode="tel" maxLength={40} required defaultValue={now?.phone ?? ""} />
        <PlaceFields known={(name) => ({ defaultValue: now?.[name] ?? "" })} />
        <div class="actions">
          <SubmitButton>{t("account.save")}</SubmitButton>
          <button class="button quiet" type="button" onClick={(event) => unlessBusy(event.currentTarget.closest("dialog"), onClose)}>
            {t("close")}
          </button>
        </div>
      </Form>
    </Dialog>
  );
}

function Row({ saved, onEdit }: { saved: Saved; onEdit: () => void }) {
  const path = { address_id: saved.id };
  const change = (call: () => Promise<unknown>) => async () => {
    await tellProblem(problem, call);
    await load();
    focusOn("#addresses-title");
  };
  const remove = async () => {
    await take(member.DELETE("/me/addresses/{address_id}", { params: { path } }));
    const { shipping, is_default } = saved;
    const header = { "Idempotency-Key": newKey() };
    toast(t("account.address_removed"), change(() => take(member.POST("/me/addresses", { params: { header }, body: { shipping, is_default } }))));
  };
  return (
    <li data-address={saved.id}>
      <div>
        {saved.is_default && <strong class="badge">{t("account.address_default")}</strong>}
        {addressLines(saved.shipping).map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <div class="actions">
        <button class="button quiet small" type="button" onClick={onEdit}>
          {t("account.address_edit_short")}
        </button>
        {!saved.is_default && (
          <BusyButton class="button quiet small" onTap={change(() => take(member.PATCH("/me/addresses/{address_id}", { params: { path }, body: { is_default: true } })))}>
            {t("account.address_make_default")}
          </BusyButton>
        )}
        <BusyButton class="button quiet small" onTap={change(remove)}>
          {t("account.address_remove")}
        </BusyButton>
      </div>
    </li>
  );
}

export function AddressesPart() {
  const edited = useSignal<Saved | "new" | null>(null);
  useEffect(() => void load(), []);
  return (
    <Part id="addresses" title="account.addresses" problem={problem.value}>
      {addresses.value?.length === 0 && <p class="note">{t("account.addresses_empty")}</p>}
      <ul id="addresses" class="rows wide-rows">
        {addresses.value?.map((saved) => (
          <Row key={saved.id} saved={saved} onEdit={() => (edited.value = saved)} />
        ))}
      </ul>
      <div>
        <button id="address-add" class="button quiet" type="button" onClick={() => (edited.value = "new")}>
          {t("account.address_add")}
        </button>
      </div>
      {edited.value !== null && <AddressDialog saved={edited.value === "new" ? null : edited.value} onClose={() => (edited.value = null)} />}
    </Part>
  );
}
