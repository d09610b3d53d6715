import type ko from "../ko/checkout";
import type { Text } from "../texts";

export default {
  "checkout.title": "Checkout",
  "checkout.contact": "Your details",
  "checkout.shipping": "Deliver to",
  "checkout.same": "The recipient is me",
  "checkout.recipient_phone": "Recipient's phone",
  "checkout.summary": "Your order",
  "checkout.delivery_rule": "Delivery costs {fee}. It is free from {least} on.",
  "checkout.guest": "You are ordering as a guest. The order stays on this device.",
  "checkout.member": "Ordering as {nickname}.",
  "checkout.submit": "Review the order",
  "checkout.review": "Please check your order",
  "checkout.held": "Your items are reserved.",
  "checkout.still_held": "None are left to order again, so nothing was changed. Your order with the earlier details is still reserved.",
  "checkout.edit": "Change",
  "checkout.nothing": "There is nothing to order",
  "checkout.did_you_mean": "Did you mean {email}?",
  "checkout.use_it": "Use this address",
  "checkout.keep_it": "Mine is right",
  "checkout.mail_to": "Mails about the order go to",
  "checkout.address_book": "Saved addresses",
  "checkout.address_new": "Enter a new one",
  "checkout.save_address": "Save this address to my address book",
  "checkout.not_saved": "The address was not saved. {why}",
} satisfies Record<keyof typeof ko, Text>;
