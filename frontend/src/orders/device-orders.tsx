// The orders that were made on this device: what a guest has in place of a list at the server.

import { State } from "../kit/texts";
import { moneyText } from "../lib/money";
import { dateText } from "../lib/time";
import { savedOrders } from "../session/saved-orders";
import { shownUser } from "../session/session";
import { t } from "../texts/texts";
import { orderAddress } from "./address";

export function DeviceOrders() {
  const orders = savedOrders().filter(({ name }) => name);
  const isMember = shownUser.value !== null;
  const toMine = isMember && (
    <a class="button quiet" href="/orders.html">
      {t("orders.to_mine")}
    </a>
  );
  if (orders.length === 0) {
    return (
      <State title={t("orders.device_empty")} text={isMember ? undefined : t("orders.device_text")}>
        <a class="button" href="/">
          {t("back_home")}
        </a>
        {toMine}
      </State>
    );
  }
  return (
    <section class="order-list">
      <h1>{t("orders.device_title")}</h1>
      {orders.map(({ id, name, total, placed_at: placedAt }) => (
        <article key={id} class="sheet">
          <a class="order-card" href={orderAddress(id)}>
            <strong>{name}</strong>
            {total && <span>{moneyText(total)}</span>}
            {placedAt && <span class="note">{dateText(placedAt)}</span>}
          </a>
        </article>
      ))}
      {isMember ? <div class="actions">{toMine}</div> : <p class="note">{t("orders.device_text")}</p>}
    </section>
  );
}
