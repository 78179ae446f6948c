import { expect, test } from "vitest";

import { readMarks } from "./pictureMarks";

function file(said: string): Uint8Array {
  const text = new TextEncoder().encode(said);
  const length = text.length + 2;
  return new Uint8Array([0xff, 0xd8, 0xff, 0xfe, length >> 8, length & 255, ...text, 0xff, 0xd9]);
}

test("what a dog marked is read from its picture", () => {
  const marks = { size: [640, 480], box: [1, 2, 3, 4], foot: [2, 4], zone: [[[0, 0], [5, 5]]] };
  expect(readMarks(file(`xiaotian-marks:${JSON.stringify(marks)}`))).toEqual(marks);
});

test("a picture without marks, or with broken ones, is shown without", () => {
  const broken = ["", "a comment", "xiaotian-marks:{", 'xiaotian-marks:{"size":[0,1]}', "xiaotian-marks:null", 'xiaotian-marks:{"size":[1,1],"box":[1,2,3,"4"],"foot":null,"zone":[]}'];
  for (const said of broken) expect(readMarks(file(said))).toBeNull();
  expect(readMarks(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]))).toBeNull();
  expect(readMarks(new Uint8Array())).toBeNull();
});
