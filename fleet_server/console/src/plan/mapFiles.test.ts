import { expect, test } from "vitest";

import { base64, idOf, MOST_PICTURE, readMapFiles } from "./mapFiles";

const YAML = new File(["image: map.pgm"], "map.yaml");
const PGM = new File([new Uint8Array([80, 53, 10, 254, 0])], "MAP.PGM");

test("the two files of a map are found by their names, in any order", async () => {
  const read = { yaml: "image: map.pgm", image: "UDUK/gA=" };
  expect(await readMapFiles([PGM, YAML, new File(["x"], "walk.txt")])).toEqual(read);
  expect(await readMapFiles([YAML, PGM])).toEqual(read);
});

test("which of the two is missing, or too large, is told", async () => {
  expect(await readMapFiles([PGM])).toBe("yaml");
  expect(await readMapFiles([YAML])).toBe("image");
  expect(await readMapFiles([YAML, new File([new Uint8Array(MOST_PICTURE + 1)], "map.png")])).toBe("tooLarge");
  expect(await readMapFiles([new File(["#".repeat(10_001)], "map.yml"), PGM])).toBe("tooLarge");
});

test("bytes of all values and of more than one piece come back from base64", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
  expect(Uint8Array.from(atob(base64(bytes)), (each) => each.charCodeAt(0))).toEqual(bytes);
});

test("an id is made of an English name", () => {
  expect(idOf({ zh: "东仓库", en: " East Depot, No. 2 " })).toBe("east_depot_no_2");
  expect(idOf({ zh: "东仓库", en: "" })).toBe("");
});
