import { expect, it } from "vitest";

import type { Dog } from "../api/types";
import { worstFirst } from "./conditionOrder";

const dog = (dogId: string, linkQuality: Dog["linkQuality"] = "GOOD", ...levels: string[]) => ({ dogId, linkQuality, errors: levels.map((errorLevel) => ({ errorLevel })) }) as Dog;

it("puts first what needs somebody, and leaves the rest in its order", () => {
  const dogs = [dog("well1"), dog("behind"), dog("well2"), dog("warned", "GOOD", "WARNING"), dog("weak", "WEAK", "WARNING"), dog("lost", "LOST"), dog("fallen", "GOOD", "WARNING", "FATAL"), dog("elsewhere")];
  const has = new Map(["well1", "well2", "warned", "lost", "weak", "fallen"].map((name) => [name, 3 as number | null])).set("behind", null);
  expect(worstFirst(dogs, has, 3).map(({ dogId }) => dogId)).toEqual(["fallen", "lost", "weak", "warned", "behind", "well1", "well2", "elsewhere"]);
});
