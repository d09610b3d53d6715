import { describe, expect, it } from "vitest";

import { addressLines, phoneText } from "./address";

describe("a telephone number", () => {
  it.each([
    ["01012345678", "010-1234-5678"],
    ["0111234567", "011-123-4567"],
    ["0212345678", "02-1234-5678"],
    ["021234567", "02-123-4567"],
    ["0311234567", "031-123-4567"],
    ["050712345678", "0507-1234-5678"],
    ["15881234", "15881234"],
    ["+14155550123", "+14155550123"],
  ])("%s is shown as %s", (stored, shown) => {
    expect(phoneText(stored)).toBe(shown);
  });
});

describe("an address", () => {
  it("has a line for the courier only where something was written", () => {
    const home = { name: "김미나", phone: "01012345678", postcode: "03187", address: "서울 종로구 청계천로 1", address_detail: null, memo: null };
    expect(addressLines(home)).toEqual(["김미나 · 010-1234-5678", "(03187) 서울 종로구 청계천로 1"]);
    expect(addressLines({ ...home, address_detail: "3층", memo: "문 앞" })).toEqual(["김미나 · 010-1234-5678", "(03187) 서울 종로구 청계천로 1 3층", "문 앞"]);
  });
});
