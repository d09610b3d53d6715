import { describe, expect, it } from "vitest";

import { likelyEmail } from "./email-typo";

describe("a likely typo in an e-mail address", () => {
  it.each([
    ["mina@gmial.com", "mina@gmail.com"],
    ["mina@gamil.com", "mina@gmail.com"],
    ["mina@gmail.con", "mina@gmail.com"],
    ["mina@gmail.co", "mina@gmail.com"],
    ["mina@gmai.com", "mina@gmail.com"],
    ["mina@GMIAL.COM", "mina@gmail.com"],
    ["mina@naver.con", "mina@naver.com"],
    ["mina@naver.net", "mina@naver.com"],
    ["mina@navre.com", "mina@naver.com"],
    ["mina@hanmail.com", "mina@hanmail.net"],
    ["mina@daum.com", "mina@daum.net"],
    ["mina@hotmial.com", "mina@hotmail.com"],
    ["mina@outlok.com", "mina@outlook.com"],
    ["mina@yahoo.con", "mina@yahoo.com"],
  ])("%s is likely %s", (typed, meant) => {
    expect(likelyEmail(typed)).toBe(meant);
  });

  it.each([
    "mina@gmail.com",
    "mina@mail.com",
    "mina@ymail.com",
    "mina@gmx.com",
    "mina@yahoo.co.kr",
    "mina@outlook.kr",
    "mina@hotmail.co.uk",
    "mina@korea.ac.kr",
    "mina@example.com",
    "buyer@phone.test",
    "mina@me.com",
    "mina@live.com",
    "not an address",
    "",
  ])("%s is left alone", (typed) => {
    expect(likelyEmail(typed)).toBeNull();
  });
});
