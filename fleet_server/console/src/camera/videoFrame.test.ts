import { expect, it } from "vitest";

import { codecOf, parseFrame } from "./videoFrame";

it("reads the header as the dog wrote it", () => {
  // struct.pack("!BId", 1, 258, 1764216000.25) of Python, then two bytes of data
  const bytes = [1, 0, 0, 1, 2, 0x41, 0xda, 0x49, 0xf4, 0xb0, 0x10, 0, 0, 9, 8];
  const frame = parseFrame(new Uint8Array(bytes).buffer);
  expect([frame.key, frame.number, frame.capturedAt, [...frame.data]]).toEqual([true, 258, 1764217536.25, [9, 8]]);
});

it("names the codec by the parameter set, wherever that stands", () => {
  const sps = [0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1e, 0xd9];
  expect(codecOf(new Uint8Array([...sps, 0, 0, 1, 0x65, 1]))).toBe("avc1.42c01e");
  expect(codecOf(new Uint8Array([0, 0, 0, 1, 0x06, 5, 4, 0, 0, ...sps]))).toBe("avc1.42c01e");
  expect(codecOf(new Uint8Array([0, 0, 0, 1, 0x41, 5, 4, 3, 2, 1]))).toBeNull();
});
