/** A frame of a dog's camera as it comes over the socket (protocol/camera_stream.py): a header, then H.264 in Annex B. */
export interface VideoFrameMessage {
  key: boolean;
  number: number;
  /** Seconds since the epoch by the station's clock. */
  capturedAt: number;
  data: Uint8Array;
}

const HEADER_BYTES = 13;
const SPS = 7;

export function parseFrame(message: ArrayBuffer): VideoFrameMessage {
  const view = new DataView(message);
  return { key: view.getUint8(0) === 1, number: view.getUint32(1), capturedAt: view.getFloat64(5), data: new Uint8Array(message, HEADER_BYTES) };
}

/** The codec's name for a browser, from the profile, constraints and level in a key frame's parameter set; null: it has none. */
export function codecOf(data: Uint8Array): string | null {
  for (let at = 0; at + 6 < data.length; at++) {
    const begins = data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1;
    if (begins && (data[at + 3]! & 0x1f) === SPS) return `avc1.${[4, 5, 6].map((n) => data[at + n]!.toString(16).padStart(2, "0")).join("")}`;
  }
  return null;
}
