import { expect, it } from "vitest";

import { isPrivateKey, publicHalf } from "./evidenceKeyText";

const KEY = "j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8=";

it("takes the key alone, and the line that has it", () => {
  expect(publicHalf(` ${KEY}\n`)).toBe(KEY);
  expect(publicHalf(`evidence_key: ${KEY}`)).toBe(KEY);
});

it("tells the private half from the public one", () => {
  expect(isPrivateKey("-----BEGIN ENCRYPTED PRIVATE KEY----- MIGjMF8G")).toBe(true);
  expect(isPrivateKey(KEY)).toBe(false);
});
