// Leads to the payment window. On success the browser leaves the page; what goes wrong is told in `problem`.

import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { BusyButton } from "../kit/busy-button";
import { tellProblem } from "../kit/problem";
import { openPayment } from "./payment";

interface Props {
  id?: string;
  class?: string;
  payment: Parameters<typeof openPayment>[0];
  contact: Parameters<typeof openPayment>[1];
  problem: Signal<string>;
  children: ComponentChildren;
}

export function PayButton({ payment, contact, problem, ...button }: Props) {
  return <BusyButton {...button} onTap={() => tellProblem(problem, () => openPayment(payment, contact))} />;
}
