// Problem documents name a wrong field by a JSON pointer (RFC 6901), such as "/contact/email". Our form
// fields carry the same path as their name, with dots: "contact.email".

import type { FieldProblem } from "../api/problem";

/** The segments of a pointer; a leading "#" (URI form) is allowed. */
export function pointerSegments(pointer: string | null | undefined): string[] {
  const text = (pointer ?? "").replace(/^#/, "");
  if (!text.startsWith("/")) return [];
  return text
    .slice(1)
    .split("/")
    .map((segment) => segment.replace(/~1/g, "/").replace(/~0/g, "~"));
}

/**
 * The name of the field that a pointer means, or null. The longest path for which there is a field
 * wins, so that "/variants/2/price/amount" reaches the field "variants.2.price", and
 * "/lines/0/quantity" reaches "lines".
 */
export function fieldForPointer(pointer: string | null | undefined, names: Iterable<string>): string | null {
  const known = new Set(names);
  const segments = pointerSegments(pointer);
  for (let length = segments.length; length > 0; length -= 1) {
    const name = segments.slice(0, length).join(".");
    if (known.has(name)) return name;
  }
  return null;
}

/**
 * Sorts the `errors` of a problem into those that belong to a field (a map of field name to messages)
 * and those that belong to the form as a whole. The same message is told once, however many values it
 * is said of.
 */
export function sortErrors(errors: readonly FieldProblem[], names: Iterable<string>) {
  const known = [...names];
  const fields = new Map<string, string[]>();
  const rest = new Set<string>();
  for (const { pointer, detail } of errors) {
    const name = fieldForPointer(pointer, known);
    if (name === null) rest.add(detail);
    else fields.set(name, [...new Set([...(fields.get(name) ?? []), detail])]);
  }
  return { fields, rest: [...rest] };
}
