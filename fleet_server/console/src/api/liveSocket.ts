import { hearStationTime, stationNow } from "../ui/stationTime";
import { ROOT } from "./httpClient";

/** Whether what is on the screen is live. `since` is when that became so, in milliseconds of the station's clock. */
export interface LiveStatus {
  phase: "connecting" | "live" | "lost";
  since: number;
  /** When the last message came; what the screen shows is as old as this. */
  heard: number | null;
  /** When the next attempt is due, while lost. */
  retryAt: number | null;
}

export interface LiveMessage {
  type: string;
  data: unknown;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** A browser cannot ping a WebSocket, so a silent break shows only by asking the server something. */
const PROBE_EVERY_MS = 4_000;
const PROBE_PATIENCE_MS = 3_500;
const PROBES_MISSED = 2;
/** A server that takes the connection and says nothing is called again. */
const FIRST_WORD_MS = 15_000;

/** The wait before attempt `n` (0 first): doubled each time, with up to a third of it by chance. */
export function backOff(attempt: number, chance: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt);
  return Math.round(wait * (1 + chance / 3));
}

/** The WebSocket to the server, opened again for ever until `stop`. */
export class LiveLink {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private missed = 0;
  private timer = 0;
  private probe = 0;
  private stopped = true;
  private status: LiveStatus = { phase: "connecting", since: stationNow(), heard: null, retryAt: null };
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly onMessage: (message: LiveMessage) => void,
    private readonly onLost: () => void,
  ) {}

  readonly current = (): LiveStatus => this.status;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    this.stopped = false;
    this.open();
    this.probe = window.setInterval(() => void this.askWhetherAlive(), PROBE_EVERY_MS);
    window.addEventListener("offline", this.drop);
    window.addEventListener("online", this.retryNow);
  }

  stop(): void {
    this.stopped = true;
    window.clearTimeout(this.timer);
    window.clearInterval(this.probe);
    window.removeEventListener("offline", this.drop);
    window.removeEventListener("online", this.retryNow);
    this.discard();
  }

  readonly retryNow = (): void => {
    if (this.stopped || this.status.phase === "live") return;
    this.attempt = 0;
    window.clearTimeout(this.timer);
    this.open();
  };

  private readonly drop = (): void => {
    if (!this.stopped && this.status.phase !== "lost") this.lose();
  };

  private open(): void {
    this.discard();
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${window.location.host}${ROOT}/live`);
    this.socket = socket;
    socket.onmessage = (event: MessageEvent<string>) => this.take(JSON.parse(event.data) as LiveMessage);
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.lose(), FIRST_WORD_MS);
    socket.onclose = () => {
      if (this.socket === socket && !this.stopped) this.lose();
    };
  }

  private take(message: LiveMessage): void {
    if (message.type === "snapshot") hearStationTime((message.data as { now: string }).now);
    const heard = stationNow();
    this.missed = 0;
    window.clearTimeout(this.timer);
    if (this.status.phase === "live") this.status = { ...this.status, heard };
    else {
      this.attempt = 0;
      this.set({ phase: "live", since: heard, heard, retryAt: null });
    }
    this.onMessage(message);
  }

  private lose(): void {
    this.discard();
    const now = stationNow();
    const wait = backOff(this.attempt++, Math.random());
    const since = this.status.phase === "lost" ? this.status.since : now;
    this.set({ phase: "lost", since, heard: this.status.heard, retryAt: now + wait });
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.open(), wait);
    this.onLost();
  }

  private async askWhetherAlive(): Promise<void> {
    if (this.status.phase !== "live") return;
    const answer = await fetch(`${ROOT}/health`, {
      cache: "no-store",
      signal: AbortSignal.timeout(PROBE_PATIENCE_MS),
    }).catch(() => null);
    if (answer?.ok) this.missed = 0;
    else if (++this.missed >= PROBES_MISSED && this.status.phase === "live") this.lose();
  }

  private discard(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private set(status: LiveStatus): void {
    this.status = status;
    for (const listener of this.listeners) listener();
  }
}
