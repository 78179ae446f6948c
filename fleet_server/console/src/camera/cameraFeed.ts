import { ROOT } from "../api/httpClient";
import type { CameraPlace } from "./cameraProjection";
import { ClockOffset } from "./clockOffset";
import { codecOf, parseFrame, type VideoFrameMessage } from "./videoFrame";

/** `ended` has why in `reason`; `lost`: the connection to the station broke; `undecodable`: the browser gave up on it. */
export type FeedState = "waiting" | "playing" | "withheld" | "ended" | "lost" | "undecodable";

/** What the dog found in the frame of that number, boxes in parts of the picture (left, top, right, bottom), and where it was taken. */
export interface FrameNote {
  number: number;
  seen: { label: string; score: number; box: [number, number, number, number] }[];
  camera?: CameraPlace;
}

export interface Feed {
  state: FeedState;
  reason: string | null;
  /** When the picture that is shown was taken, seconds of the station's clock. */
  capturedAt: number | null;
  frames: number;
  /** Of the picture that is shown. */
  note: FrameNote | null;
}

interface Said {
  at?: number;
  asked?: number;
  withheld?: string | null;
  note?: FrameNote;
  ended?: string;
}

const ASK_EVERY_MS = 3_000;
/** More frames than these in the decoder's queue, and it begins anew at the next key frame: what is late is of no use. */
const MOST_QUEUED = 10;

/** Whether this browser can decode at all: WebCodecs, which browsers offer over HTTPS and on the machine itself alone. */
export const canDecode = (): boolean => "VideoDecoder" in window;

const seconds = (): number => performance.now() / 1000;

/** One view's socket and decoder, from `open` to `close`; each picture is drawn as soon as it is decoded. */
export class CameraFeed {
  private feed: Feed = { state: "waiting", reason: null, capturedAt: null, frames: 0, note: null };
  private readonly listeners = new Set<() => void>();
  private readonly clock = new ClockOffset();
  private readonly taken = new Map<number, number>();
  private readonly notes = new Map<number, FrameNote>();
  private socket: WebSocket | null = null;
  private decoder: VideoDecoder | null = null;
  private timer = 0;

  constructor(
    private readonly viewId: string,
    private readonly draw: (picture: VideoFrame) => void,
  ) {}

  readonly current = (): Feed => this.feed;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** How old the picture is that is shown, seconds; null while that cannot be told. */
  age(): number | null {
    const now = this.clock.there(seconds());
    return now === null || this.feed.capturedAt === null ? null : Math.max(0, now - this.feed.capturedAt);
  }

  open(): void {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${window.location.host}${ROOT}/camera-views/${encodeURIComponent(this.viewId)}`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    const ask = () => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify({ asked: seconds() }));
    socket.onopen = ask;
    this.timer = window.setInterval(ask, ASK_EVERY_MS);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
      typeof data === "string" ? this.hear(JSON.parse(data) as Said) : this.take(parseFrame(data));
    socket.onclose = () => this.socket === socket && this.feed.state !== "ended" && this.finish("lost");
  }

  close(): void {
    const socket = this.socket;
    this.socket = null;
    window.clearInterval(this.timer);
    socket?.close();
    this.discardDecoder();
  }

  private hear(said: Said): void {
    if (said.at !== undefined && said.asked !== undefined) this.clock.hear(said.at, said.asked, seconds());
    if (said.note) this.notes.set(said.note.number, said.note);
    if (said.ended !== undefined) this.finish("ended", said.ended);
    else if (said.withheld !== undefined) this.set({ state: said.withheld === null ? "waiting" : "withheld", reason: said.withheld });
  }

  private take(frame: VideoFrameMessage): void {
    if (this.feed.state === "undecodable") return;
    if (this.decoder !== null && this.decoder.decodeQueueSize > MOST_QUEUED) this.discardDecoder();
    if (this.decoder === null && (!frame.key || !this.begin(frame.data))) return;
    this.taken.set(frame.number, frame.capturedAt);
    this.decoder?.decode(new EncodedVideoChunk({ type: frame.key ? "key" : "delta", timestamp: frame.number, data: frame.data }));
  }

  private begin(data: Uint8Array): boolean {
    const codec = codecOf(data);
    if (codec === null) return false;
    try {
      this.decoder = new VideoDecoder({ output: (picture) => this.show(picture), error: () => this.finish("undecodable") });
      this.decoder.configure({ codec, optimizeForLatency: true });
    } catch {
      this.finish("undecodable");
      return false;
    }
    return true;
  }

  private show(picture: VideoFrame): void {
    const capturedAt = this.taken.get(picture.timestamp) ?? null;
    const note = this.notes.get(picture.timestamp) ?? null;
    for (const kept of [this.taken, this.notes]) for (const number of kept.keys()) if (number <= picture.timestamp) kept.delete(number);
    this.draw(picture);
    picture.close();
    this.set({ state: "playing", reason: null, capturedAt, frames: this.feed.frames + 1, note });
  }

  private finish(state: FeedState, reason: string | null = null): void {
    this.set({ state, reason });
    this.close();
  }

  private discardDecoder(): void {
    if (this.decoder !== null && this.decoder.state !== "closed") this.decoder.close();
    this.decoder = null;
    this.taken.clear();
  }

  private set(change: Partial<Feed>): void {
    this.feed = { ...this.feed, ...change };
    for (const listener of this.listeners) listener();
  }
}
