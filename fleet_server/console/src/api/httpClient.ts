/** What the server answered instead of what was asked for; `status` 0 is no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const ROOT = "/api/v1";
/** No answer within this is no connection. */
const PATIENCE_MS = 15_000;

/** One REST call. Rejects with ApiError; an answer without a body is `undefined`. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await send(method, path, body);
  const data: unknown = answer.status === 204 ? undefined : await answer.json().catch(() => brokenBody(answer));
  if (!answer.ok) throw new ApiError(answer.status, detail(data) ?? answer.statusText);
  return data as T;
}

/** A refusal may come without words; what was asked for and broke off on its way is no answer. */
function brokenBody(answer: Response): undefined {
  if (answer.ok) throw new ApiError(0, "");
}

async function send(method: string, path: string, body: unknown): Promise<Response> {
  try {
    return await fetch(ROOT + path, {
      method,
      credentials: "same-origin",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new ApiError(0, "");
  }
}

/** The sentence of a problem (RFC 9457). */
function detail(data: unknown): string | undefined {
  const said = (data as { detail?: unknown } | undefined)?.detail;
  return typeof said === "string" ? said : undefined;
}
