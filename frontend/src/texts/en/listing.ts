import type ko from "../ko/listing";
import type { Text } from "../texts";

export default {
  "listing.sold_out": "Sold out",
  "listing.pictures": "Pictures",
  "listing.picture_n": "Picture {number} of {count}",
  "listing.seller": "Sold by {nickname}",
  "listing.quantity": "Quantity",
  "listing.less": "One less",
  "listing.more": "One more",
  "listing.delivery": "Delivery {fee}, free from {least} on",
  "listing.buy": "Buy now",
  "listing.choose": "Choose the {option}",
  "listing.left": "{count} left",
  "listing.in_stock": "In stock",
  "listing.combination_sold_out": "This combination is sold out.",
  "listing.combination_missing": "This combination is not offered.",
  "listing.value_sold_out": "sold out",
  "listing.value_missing": "not offered",
  "listing.description": "Description",
  "listing.gone": "This listing is gone",
  "listing.gone_text": "The address may have changed, or it is not for sale any more.",
} satisfies Record<keyof typeof ko, Text>;
