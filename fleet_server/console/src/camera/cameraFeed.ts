import { ROOT } from "../api/httpClient";
import type { CameraPlace } from "./cameraProjection";
import { ClockOffset } from "./clockOffset";
import { codecOf, parseFrame, type VideoFrameMessage } from "./videoFrame";
import { WebRtcPictures } from "./webRtcPictures";

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
  /** The way that the pictures take. */
  by: "websocket" | "webrtc";
}

interface SentFrame {
  number: number;
  capturedAt: number;
  rtpTimestamp: number;
}

interface Said {
  at?: number;
  asked?: number;
  withheld?: string | null;
  note?: FrameNote;
  ended?: string;
  answer?: string | null;
  sent?: SentFrame;
}

const ASK_EVERY_MS = 3_000;
/** More frames than these in the decoder's queue, and it begins anew at the next key frame: what is late is of no use. */
const MOST_QUEUED = 10;

/** A picture of WebRTC is sent and not shown for so long: UDP does not get through, or not any more. */
const STALLED_MS = 1_200;
const LOOK_EVERY_MS = 300;
/** Of WebRTC's first picture; the WebSocket shows pictures meanwhile. */
const CONNECT_WITHIN_MS = 10_000;
/** After it got stuck it is tried again, each time after twice as long. */
const TRY_AGAIN_MS = 30_000;

const hasWebCodecs = (): boolean => "VideoDecoder" in window;

/** Whether this browser can show pictures at all: by WebRTC, or by WebCodecs, which browsers offer over HTTPS and on the machine itself alone. */
export const canDecode = (): boolean => hasWebCodecs() || WebRtcPictures.supported();

const seconds = (): number => performance.now() / 1000;

/**
 * One view, from `open` to `close`; each picture is drawn as soon as it is decoded. Pictures come over the socket until
 * the first one has come by WebRTC, and again when that gets stuck; all else that is said goes over the socket.
 */
export class CameraFeed {
  private feed: Feed = { state: "waiting", reason: null, capturedAt: null, frames: 0, note: null, by: "websocket" };
  private readonly listeners = new Set<() => void>();
  private readonly clock = new ClockOffset();
  private readonly taken = new Map<number, number>();
  private readonly notes = new Map<number, FrameNote>();
  private socket: WebSocket | null = null;
  private decoder: VideoDecoder | null = null;
  private webRtc: WebRtcPictures | null = null;
  /** By RTP timestamp, what went out by WebRTC and is not shown yet; `at`: when that was heard, ms of this page. */
  private readonly sent = new Map<number, SentFrame & { at: number }>();
  /** Of the picture that is shown. */
  private rtpTimestamp: number | null = null;
  /** When pictures began to come by WebRTC, ms of this page. */
  private changedAt = 0;
  private tryAgainMs = TRY_AGAIN_MS;
  private readonly timers: number[] = [];

  constructor(
    private readonly viewId: string,
    private readonly draw: (picture: CanvasImageSource, width: number, height: number) => void,
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
    const ask = () => this.say({ asked: seconds() });
    socket.onopen = () => {
      ask();
      this.tryWebRtc();
    };
    this.timers.push(window.setInterval(ask, ASK_EVERY_MS), window.setInterval(() => this.look(), LOOK_EVERY_MS));
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
      typeof data === "string" ? this.hear(JSON.parse(data) as Said) : this.take(parseFrame(data));
    socket.onclose = () => this.socket === socket && this.feed.state !== "ended" && this.finish("lost");
  }

  close(): void {
    const socket = this.socket;
    this.socket = null;
    for (const timer of this.timers.splice(0)) window.clearTimeout(timer);
    this.webRtc?.close();
    this.webRtc = null;
    socket?.close();
    this.discardDecoder();
  }

  private say(message: { asked: number } | { offer: string } | { picturesBy: "WEBRTC" | "WEBSOCKET" }): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private tryWebRtc(): void {
    if (!WebRtcPictures.supported()) return;
    const attempt = new WebRtcPictures({
      offer: (offer) => this.say({ offer }),
      picture: (video, width, height, rtpTimestamp) => this.showByWebRtc(video, width, height, rtpTimestamp),
      failed: () => this.endWebRtc(),
    });
    this.webRtc = attempt;
    void attempt.open();
    this.timers.push(window.setTimeout(() => this.webRtc === attempt && this.feed.by === "websocket" && this.endWebRtc(), CONNECT_WITHIN_MS));
  }

  /** Back to the socket, for a while. */
  private endWebRtc(): void {
    if (this.webRtc === null) return;
    this.webRtc.close();
    this.webRtc = null;
    this.sent.clear();
    this.say({ picturesBy: "WEBSOCKET" });
    this.set({ by: "websocket" });
    if (!hasWebCodecs()) this.finish("undecodable");
    else this.timers.push(window.setTimeout(() => this.tryWebRtc(), this.tryAgainMs));
    this.tryAgainMs *= 2;
  }

  /** A page in the background is shown nothing, and nothing can be told from that. */
  private look(): void {
    const oldest = this.sent.values().next().value;
    if (document.hidden) this.sent.clear();
    else if (this.feed.by === "webrtc" && oldest !== undefined && performance.now() - oldest.at > STALLED_MS) this.endWebRtc();
  }

  private showByWebRtc(video: HTMLVideoElement, width: number, height: number, rtpTimestamp: number): void {
    const sent = this.sent.get(rtpTimestamp);
    for (const [timestamp, { number }] of this.sent) if (sent !== undefined && number <= sent.number) this.sent.delete(timestamp);
    this.rtpTimestamp = rtpTimestamp;
    if (this.feed.by !== "webrtc") {
      this.say({ picturesBy: "WEBRTC" });
      this.changedAt = performance.now();
      this.discardDecoder();
    }
    this.draw(video, width, height);
    // Where the word about it comes later than the picture, it is held to be as old as the one before.
    this.shown(sent?.number ?? null, sent?.capturedAt ?? this.feed.capturedAt, "webrtc");
  }

  private hear(said: Said): void {
    if (said.at !== undefined && said.asked !== undefined) this.clock.hear(said.at, said.asked, seconds());
    if (said.answer !== undefined) this.webRtc?.answer(said.answer);
    if (said.sent && said.sent.rtpTimestamp !== this.rtpTimestamp) this.sent.set(said.sent.rtpTimestamp, { ...said.sent, at: performance.now() });
    else if (said.sent) this.set({ capturedAt: said.sent.capturedAt, note: this.notes.get(said.sent.number) ?? null });
    if (said.note) this.notes.set(said.note.number, said.note);
    if (said.ended !== undefined) this.finish("ended", said.ended);
    else if (said.withheld !== undefined) this.set({ state: said.withheld === null ? "waiting" : "withheld", reason: said.withheld });
  }

  private take(frame: VideoFrameMessage): void {
    if (this.feed.state === "undecodable" || !hasWebCodecs()) return;
    if (this.feed.by === "webrtc") {
      // What was under way at the change is here by now: the station has lost the other way, and sends by this one.
      if (performance.now() - this.changedAt < STALLED_MS) return;
      this.endWebRtc();
    }
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
    const { timestamp: number } = picture;
    if (this.feed.by === "websocket") {
      this.draw(picture, picture.displayWidth, picture.displayHeight);
      this.shown(number, this.taken.get(number) ?? null, "websocket");
    }
    for (const each of this.taken.keys()) if (each <= number) this.taken.delete(each);
    picture.close();
  }

  private shown(number: number | null, capturedAt: number | null, by: Feed["by"]): void {
    const note = number === null ? null : (this.notes.get(number) ?? null);
    for (const each of this.notes.keys()) if (number !== null && each <= number) this.notes.delete(each);
    this.set({ state: "playing", reason: null, capturedAt, frames: this.feed.frames + 1, note, by });
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
