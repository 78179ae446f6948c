import { answered, onceKey } from "./onceKeys";

export interface Fault {
  detail: string;
  pointer: string;
}

/** What the server answered instead of what was asked for; `status` 0 is no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** The last part of a problem's `type`; docs/api.md lists them. */
    readonly kind = "",
    /** What of the body is at fault, by its JSON pointer. */
    readonly faults: Fault[] = [],
  ) {
    super(message);
  }
}

export const ROOT = "/api/v1";
/** No answer within this is no connection. */
const PATIENCE_MS = 15_000;
/** Nor for what is large, and takes its time on a slow line and at the server. */
export const UPLOAD_PATIENCE_MS = 120_000;

/** Whether it was refused since somebody else has changed it meanwhile. */
export const isChanged = (error: unknown): boolean => error instanceof ApiError && error.status === 412;

interface Manner {
  /** The version that is to be changed; of another nothing is. */
  version?: string | null;
  /** Done once, also where it is asked for twice before an answer comes. */
  once?: boolean;
  patienceMs?: number;
}

/** The first of two equal requests is under way: how often the second asks for its answer, and how long it waits. */
const ASK_AGAIN = 10;
const ASK_AGAIN_MS = 1_000;

/** One REST call. Rejects with ApiError; an answer without a body is `undefined`. */
export async function call<T>(method: string, path: string, body?: unknown, { version, once, patienceMs = PATIENCE_MS }: Manner = {}): Promise<T> {
  const headers: Record<string, string> = {};
  if (version) headers["If-Match"] = `"${version}"`;
  if (!once) return read<T>(await send(method, path, body, headers, patienceMs));
  const asked = `${method} ${path} ${JSON.stringify(body)}`;
  headers["Idempotency-Key"] = onceKey(asked);
  for (let turn = 0; ; turn++) {
    try {
      const data = await read<T>(await send(method, path, body, headers, patienceMs));
      answered(asked);
      return data;
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind !== "request-under-way" || turn === ASK_AGAIN) {
        if (error instanceof ApiError && error.status !== 0 && error.status < 500) answered(asked); // a proxy's 502 says nothing of what was done
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
}

/** One REST call that is answered with a file; `path` as the server gives it, below its root. Rejects with ApiError. */
export async function callForFile(path: string, body: unknown): Promise<Blob> {
  const answer = await send("POST", path.slice(ROOT.length), body, {}, UPLOAD_PATIENCE_MS);
  if (!answer.ok) await read(answer);
  try {
    return await answer.blob();
  } catch {
    throw new ApiError(0, "");
  }
}

async function read<T>(answer: Response): Promise<T> {
  const data: unknown = answer.status === 204 ? undefined : await answer.json().catch(() => brokenBody(answer));
  if (!answer.ok) throw new ApiError(answer.status, detail(data) ?? answer.statusText, kind(data), faults(data));
  return data as T;
}

/** A refusal may come without words; what was asked for and broke off on its way is no answer. */
function brokenBody(answer: Response): undefined {
  if (answer.ok) throw new ApiError(0, "");
}

async function send(method: string, path: string, body: unknown, headers: Record<string, string>, patienceMs: number): Promise<Response> {
  try {
    return await fetch(ROOT + path, {
      method,
      credentials: "same-origin",
      headers: body === undefined ? headers : { ...headers, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch {
    throw new ApiError(0, "");
  }
}

function kind(data: unknown): string {
  const said = (data as { type?: unknown } | undefined)?.type;
  return typeof said === "string" ? (said.split("#")[1] ?? "") : "";
}

function faults(data: unknown): Fault[] {
  const said = (data as { errors?: unknown } | undefined)?.errors;
  return Array.isArray(said) ? (said as Partial<Fault>[]).map(({ detail = "", pointer = "" }) => ({ detail, pointer: decodeURIComponent(pointer.replace(/^#/, "")) })) : [];
}

/** The sentence of a problem (RFC 9457). */
function detail(data: unknown): string | undefined {
  const said = (data as { detail?: unknown } | undefined)?.detail;
  return typeof said === "string" ? said : undefined;
}
