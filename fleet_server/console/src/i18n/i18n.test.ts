import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { en } from "./en";
import { zh } from "./zh";

type Tree = { readonly [key: string]: string | Tree };

function words(tree: Tree, path = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(tree))
    if (typeof value === "string") flat.set(path + key, value);
    else for (const [k, v] of words(value, `${path}${key}.`)) flat.set(k, v);
  return flat;
}
const ZH = words(zh);
const EN = words(en);

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(path) && !/\.test\.ts$|i18n\/(zh|en)\.ts$|schema\.d\.ts$/.test(path) ? [readFileSync(path, "utf8")] : [];
  });
}
const SOURCE = sources(join(import.meta.dirname, "..")).join("\n");
/** Keys as written, and the fixed beginnings of those that are put together. */
const USED = new Set([...SOURCE.matchAll(/\bt\(\s*["'`]([a-zA-Z_.]+)["'`]/g)].map((m) => m[1]!));
const BEGUN = [...SOURCE.matchAll(/["'`]([a-zA-Z_]+(?:\.[a-zA-Z_]+)*\.?)\$\{/g)].map((m) => m[1]!);

it("has the same keys in both languages", () => {
  expect([...EN.keys()].sort()).toEqual([...ZH.keys()].sort());
});

it("leaves no word empty", () => {
  for (const [key, value] of [...ZH, ...EN]) expect(value.trim(), key).not.toBe("");
});

it("fills the same blanks in both languages", () => {
  const blanks = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();
  for (const [key, value] of ZH) expect(blanks(EN.get(key)!), key).toEqual(blanks(value));
});

it("has words for every key that the console asks for", () => {
  const strange = [...USED].filter((key) => !ZH.has(key));
  expect(strange).toEqual([]);
});

it("writes nothing on the screen that is in one language only", () => {
  const code = SOURCE.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  expect(code.match(/[\u4e00-\u9fff]+/g) ?? []).toEqual([]);
});

it("keeps no word that nothing asks for", () => {
  const asked = (key: string) => USED.has(key) || SOURCE.includes(`"${key}"`) || BEGUN.some((b) => key.startsWith(b));
  expect([...ZH.keys()].filter((key) => !asked(key) && !/^(patrols|incidents)\.status\./.test(key))).toEqual([]);
});
