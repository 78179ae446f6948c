import { expect, it } from "vitest";

import { changed, historyOf, redone, undone } from "./undoHistory";

it("undoes and does again every step, whatever was done, and ends at both ends", () => {
  for (let seed = 1; seed <= 200; seed++) {
    let random = seed;
    const next = () => (random = (random * 16807) % 2147483647) / 2147483647;
    const shown = [0];
    let at = 0;
    let history = historyOf(0);
    for (let i = 1; i < 60; i++) {
      const what = next();
      if (what < 0.5) (history = changed(history, i)), shown.splice(++at, Infinity, i);
      else if (what < 0.8) (history = undone(history)), (at = Math.max(0, at - 1));
      else (history = redone(history)), (at = Math.min(shown.length - 1, at + 1));
      expect(history.present, `seed ${seed}`).toBe(shown[at]);
    }
    for (const _ of shown) history = undone(history);
    expect(history.present).toBe(0);
    for (const _ of shown) history = redone(history);
    expect(history.present).toBe(shown.at(-1));
  }
});

it("takes one drag as one step, and the next drag of the same thing as another", () => {
  let history = historyOf("a");
  for (const at of ["b", "c", "d"]) history = changed(history, at, "drag 1");
  for (const at of ["e", "f"]) history = changed(history, at, "drag 2");
  history = undone(history);
  expect(history.present).toBe("d");
  expect(undone(history).present).toBe("a");
});

it("begins a new step after an undo, also of the same name", () => {
  const history = undone(changed(changed(historyOf("a"), "b", "x"), "c"));
  expect(undone(changed(history, "d", "x")).present).toBe("b");
});

it("takes what changes nothing as no step", () => {
  const history = historyOf("a");
  expect(changed(history, "a")).toBe(history);
});
