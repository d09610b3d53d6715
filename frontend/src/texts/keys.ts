// The names of all texts. The Korean file of a group decides which there are; the English one must have the same.

import type account from "./ko/account";
import type address from "./ko/address";
import type chart from "./ko/chart";
import type checkout from "./ko/checkout";
import type code from "./ko/code";
import type common from "./ko/common";
import type forms from "./ko/forms";
import type home from "./ko/home";
import type kit from "./ko/kit";
import type listing from "./ko/listing";
import type notFound from "./ko/not-found";
import type order from "./ko/order";
import type orders from "./ko/orders";
import type payment from "./ko/payment";
import type photo from "./ko/photo";
import type proof from "./ko/proof";
import type range from "./ko/range";
import type resetPassword from "./ko/reset-password";
import type sell from "./ko/sell";
import type signUp from "./ko/sign-up";
import type signingIn from "./ko/signing-in";
import type storeOrders from "./ko/store-orders";
import type table from "./ko/table";

export type TextKey =
  | keyof typeof account
  | keyof typeof address
  | keyof typeof chart
  | keyof typeof checkout
  | keyof typeof code
  | keyof typeof common
  | keyof typeof forms
  | keyof typeof home
  | keyof typeof kit
  | keyof typeof listing
  | keyof typeof notFound
  | keyof typeof order
  | keyof typeof orders
  | keyof typeof payment
  | keyof typeof photo
  | keyof typeof proof
  | keyof typeof range
  | keyof typeof resetPassword
  | keyof typeof sell
  | keyof typeof signUp
  | keyof typeof signingIn
  | keyof typeof storeOrders
  | keyof typeof table;
