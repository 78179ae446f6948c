import i18next from "i18next";
import { beforeAll, expect, it } from "vitest";

import { zh } from "../i18n/zh";
import { inWords } from "./refusal";

beforeAll(() => i18next.init({ lng: "zh", resources: { zh: { translation: zh } }, interpolation: { escapeValue: false } }));

it("says in the operator's language why a dog was refused", () => {
  expect(inWords("dog1 is not live: last heard 2026-01-01T00:00:00Z")).toBe("dog1 当前失联");
  expect(inWords("dog2 has 12 % charge, not above the reserve of 20 %")).toBe("dog2 电量 12%，不高于保留电量 20%");
});

it("keeps a reason that it does not know as the server said it", () => {
  expect(inWords("the moon is full")).toBe("the moon is full");
});
