import type ko from "../ko/store-orders";
import type { Text } from "../texts";

export default {
  "store_orders.title": "Sales",
  "store_orders.empty_text": "Orders show here when they come in. You also get a mail.",
  "store_orders.not_yours": "You cannot see the orders of this store",
  "store_orders.buyer": "Ordered by",
  "store_orders.prepare": "Start preparing",
  "store_orders.ship": "Ship",
  "store_orders.ship_title": "How did you ship it?",
  "store_orders.ship_text": "The buyer is told the carrier and the tracking number.",
  "store_orders.ship_do": "It is shipped",
  "store_orders.carrier": "Carrier",
  "store_orders.carrier_name": "Name of the carrier",
  "store_orders.number": "Tracking number",
  "store_orders.number_wrong": "Please enter the number: 5 to 40 letters and digits.",
  "store_orders.deliver": "Mark as delivered",
  "store_orders.deliver_ask": "Has the parcel arrived?",
  "store_orders.deliver_text": "This cannot be undone. Seven days later the receipt counts as confirmed.",
  "store_orders.deliver_do": "It has arrived",
  "store_orders.cancel_text": "The buyer reads the reason and gets back all that they paid. It cannot be undone.",
  "store_orders.copy_address": "Copy address",
} satisfies Record<keyof typeof ko, Text>;
