// Parts that show an order, at checkout and afterwards.

import { CopyButton } from "../kit/copy-button";
import { NoPicture, Picture } from "../kit/picture";
import { type Money, moneyText } from "../lib/money";
import { isWebAddress } from "../lib/paths";
import { dateText } from "../lib/time";
import { t } from "../texts/texts";
import { addressLines } from "./address";
import type { Order, Shipment } from "./types";

export type ShownLine = Pick<Order["lines"][number], "listing_id" | "title" | "option_values" | "quantity" | "total" | "picture">;

export function OrderLines({ lines }: { lines: ShownLine[] }) {
  return (
    <ul class="lines">
      {lines.map((line) => (
        <li key={`${line.listing_id} ${line.option_values.join()}`} class="line">
          {line.picture ? <Picture src={line.picture} size={64} /> : <NoPicture title={line.title} />}
          <div>
            <a class="line-title" href={`/listing.html?id=${encodeURIComponent(line.listing_id)}`}>
              {line.title}
            </a>
            {line.option_values.length > 0 && <p class="note">{line.option_values.join(" / ")}</p>}
            <p>{`${moneyText(line.total)} · ${t("order.quantity", { count: line.quantity })}`}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

export function Totals({ subtotal, shipping_fee: fee, total }: { subtotal: Money; shipping_fee: Money; total: Money }) {
  return (
    <dl class="totals">
      <dt>{t("order.subtotal")}</dt>
      <dd>{moneyText(subtotal)}</dd>
      <dt>{t("order.shipping_fee")}</dt>
      <dd>{fee.amount === 0 ? t("order.free") : moneyText(fee)}</dd>
      <dt class="whole">{t("order.total")}</dt>
      <dd class="whole">{moneyText(total)}</dd>
    </dl>
  );
}

export function AddressLines({ shipping }: { shipping: Order["shipping"] }) {
  return addressLines(shipping).map((line) => <p key={line}>{line}</p>);
}

export function ShipmentPart({ shipment }: { shipment: Shipment }) {
  const carrier = shipment.carrier_name ?? t(`carrier.${shipment.carrier}`);
  const page = shipment.tracking_url;
  return (
    <div class="shipment">
      <p>
        <strong>{carrier}</strong> <span class="tracking-number">{shipment.tracking_number}</span>
      </p>
      <p class="note">{t("order.shipped_at", { time: dateText(shipment.shipped_at) })}</p>
      <div class="actions">
        <CopyButton text={shipment.tracking_number} label="order.copy_number" />
        {page && isWebAddress(page) && (
          <a class="button quiet small" href={page} target="_blank" rel="noopener noreferrer">
            {t("order.track")}
          </a>
        )}
      </div>
    </div>
  );
}

/** Who called the order off, and what became of the money. */
export function CancellationPart({ order }: { order: Order }) {
  const { cancellation, refunded, status, total } = order;
  return (
    <>
      {cancellation && <p>{t(cancellation.by === "buyer" ? "order.cancelled_by_buyer" : "order.cancelled_by_seller", { time: dateText(cancellation.at) })}</p>}
      {cancellation?.reason && <p>{t("order.cancelled_because", { reason: cancellation.reason })}</p>}
      {status === "cancel_refunding" || status === "return_refunding" ? (
        <p class="note">{t("order.refund_coming", { price: moneyText(total) })}</p>
      ) : (
        refunded.amount > 0 && <p class="note">{t("order.refunded", { price: moneyText(refunded) })}</p>
      )}
    </>
  );
}
