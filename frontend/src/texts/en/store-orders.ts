import type ko from "../ko/store-orders";
import type { Text } from "../texts";

export default {
  "store_orders.title": "Orders to your store",
  "store_orders.prepare": "Start preparing",
  "store_orders.ship": "Ship",
  "store_orders.ship_title": "Ship the order",
  "store_orders.ship_do": "It is shipped",
  "store_orders.carrier": "Carrier",
  "store_orders.carrier_name": "Name of the carrier",
  "store_orders.number": "Tracking number",
  "store_orders.deliver": "Mark as delivered",
  "store_orders.cancel_text": "The buyer reads the reason and gets back all that they paid.",
  "store_orders.copy_address": "Copy address",
} satisfies Record<keyof typeof ko, Text>;
