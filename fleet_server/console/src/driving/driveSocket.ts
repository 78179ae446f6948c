import { ROOT } from "../api/httpClient";
import { isStill, STILL, type Wish } from "./driveWish";

/** How a drive stands, as the dog says it ten times a second. */
export interface DriveTold {
  word: string;
  lost: boolean;
  passed: Wish;
  reasons: string[];
  refused: Record<string, number>;
}

/** `over`: the hand is another's, or this drive goes on in another window. */
export interface DriveStatus {
  phase: "connecting" | "open" | "over";
  /** What this page wants now. */
  wish: Wish;
  told: DriveTold | null;
  /** The dog has said nothing for a while: what is held does not reach it. */
  silent: boolean;
}

const EVERY_MS = 100;
const SILENT_MS = 700;
const AGAIN_MS = 400;
/** By the server: the drive is over, or was never allowed. */
const OVER = [1003, 1008, 4000];

/**
 * The driver's socket: says what is held ten times a second, zeros too, and each change at once. Where the page is not
 * looked at, or the socket is gone, nothing is held any more.
 */
export class DriveSocket {
  private socket: WebSocket | null = null;
  private timer = 0;
  private again = 0;
  private heardAt = 0;
  private status: DriveStatus = { phase: "connecting", wish: STILL, told: null, silent: false };
  private readonly listeners = new Set<() => void>();

  constructor(private readonly dogId: string) {}

  readonly current = (): DriveStatus => this.status;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  start(): void {
    this.open();
    this.timer = window.setInterval(() => this.tick(), EVERY_MS);
  }

  stop(): void {
    this.hold(STILL);
    window.clearInterval(this.timer);
    window.clearTimeout(this.again);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  /** Want this from now on, and say so at once. */
  readonly hold = (wish: Wish): void => {
    const held = this.status.phase === "open" ? wish : STILL;
    if (held.vx === this.status.wish.vx && held.vy === this.status.wish.vy && held.omega === this.status.wish.omega) return;
    this.set({ wish: held });
    this.say();
  };

  private open(): void {
    const scheme = window.location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${window.location.host}${ROOT}/dogs/${encodeURIComponent(this.dogId)}/driving`);
    this.socket = socket;
    socket.onopen = () => {
      this.heardAt = performance.now();
      this.set({ phase: "open" });
      this.say();
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      this.heardAt = performance.now();
      const first = this.status.told === null;
      this.set({ told: JSON.parse(event.data) as DriveTold, silent: false });
      if (first) this.say(); // that nothing is held: the dog has to hear it before a key that is pressed in this moment
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.socket = null;
      const over = OVER.includes(event.code);
      this.set({ phase: over ? "over" : "connecting", wish: STILL, told: null });
      if (!over) this.again = window.setTimeout(() => this.open(), AGAIN_MS);
    };
  }

  private tick(): void {
    const silent = this.status.phase === "open" && performance.now() - this.heardAt > SILENT_MS;
    if (silent !== this.status.silent) this.set({ silent });
    this.say();
  }

  private say(): void {
    const { socket, status } = this;
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > 0 && !isStill(status.wish)) return; // the line does not keep up: it would come too late
    socket.send(JSON.stringify({ ...status.wish, word: status.told?.word ?? "" }));
  }

  private set(change: Partial<DriveStatus>): void {
    this.status = { ...this.status, ...change };
    for (const listener of this.listeners) listener();
  }
}
