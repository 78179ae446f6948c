/** Keys under which the server does a thing once, however often it is asked: a double click, a second try after silence. */
const keys = new Map<string, string>();

/** The key of what is asked for: the same until an answer has come. */
export function onceKey(asked: string): string {
  const key = keys.get(asked) ?? randomKey();
  keys.set(asked, key);
  return key;
}

/** It was answered: whoever asks again wants it again. */
export function answered(asked: string): void {
  keys.delete(asked);
}

/** `crypto.randomUUID` is missing where a page comes by plain HTTP. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
