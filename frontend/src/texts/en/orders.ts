import type ko from "../ko/orders";
import type { Text } from "../texts";

export default {
  "orders.title": "My orders",
  "orders.states": "Order status",
  "orders.all": "All",
  "orders.tab.pending": "To pay",
  "orders.tab.paid": "Paid",
  "orders.tab.preparing": "Preparing",
  "orders.tab.shipping": "Shipped",
  "orders.tab.delivered": "Delivered",
  "orders.tab.confirmed": "Completed",
  "orders.tab.cancel_refunding": "Refund on its way",
  "orders.tab.cancelled": "Cancelled",
  "orders.empty": "No orders yet",
  "orders.empty_state": "No orders in this state",
  "orders.more": "Show more",
  "orders.and_more": "{title} and {count} more",
  "orders.guest_title": "Guest orders made on this device",
  "orders.guest_text": "If you ordered as a member, please sign in. A guest order made on another device opens with the link in the mail about it.",
} satisfies Record<keyof typeof ko, Text>;
