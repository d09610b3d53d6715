import { describe, expect, it } from "vitest";

import { addressOf, contactOf, fieldPointer, isSameAddress, withAddress, written } from "./written";

const mina = written({ "contact.name": " 김미나 ", "contact.phone": "010-1234-5678", "contact.email": "mina@example.com" });
const home = { name: "김미나", phone: "010-1234-5678", postcode: "03187", address: "서울 종로구 청계천로 1", address_detail: null, memo: null };
const mothers = { ...home, name: "이부산", phone: "010-9999-0000", address_detail: "3층", memo: "문 앞에 두세요" };

describe("what is written into the checkout", () => {
  it("names no text that was left empty", () => {
    expect(contactOf(mina)).toEqual({ name: "김미나", phone: "010-1234-5678", email: "mina@example.com" });
    expect(addressOf(withAddress(mina, home))).toEqual(home);
  });

  it("sends the parcel to the buyer while they are the recipient", () => {
    const other = { ...mina, texts: { ...mina.texts, "shipping.name": "이부산" } };
    expect(addressOf(other).name).toBe("김미나");
    expect(addressOf({ ...other, same: false }).name).toBe("이부산");
  });

  it("takes an address of the address book, with its own recipient where it is another", () => {
    expect(withAddress(mina, home).same).toBe(true);
    expect(withAddress(mina, mothers).same).toBe(false);
    expect(addressOf(withAddress(mina, mothers))).toEqual(mothers);
    expect(addressOf(withAddress(withAddress(mina, mothers), null))).toEqual({ ...home, postcode: "", address: "" });
  });

  it("is known in the address book however the number is written, and whatever the courier is told", () => {
    expect(isSameAddress(mothers, { ...mothers, phone: "01099990000", memo: null })).toBe(true);
    expect(isSameAddress(mothers, { ...mothers, address_detail: "4층" })).toBe(false);
  });
});

describe("what is wrong with the recipient", () => {
  it("is told at the buyer's field while both are one", () => {
    expect(fieldPointer("/shipping/phone", true)).toBe("/contact/phone");
    expect(fieldPointer("/shipping/phone", false)).toBe("/shipping/phone");
    expect(fieldPointer("/shipping/postcode", true)).toBe("/shipping/postcode");
  });
});
