import type { components } from "../api/schema";

export type Order = components["schemas"]["Order"];
export type OrderStatus = components["schemas"]["OrderStatus"];
export type Shipment = components["schemas"]["ShownShipment"];
