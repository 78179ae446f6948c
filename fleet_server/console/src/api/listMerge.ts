/** How pushed changes enter what is already known. All return a new list and leave the old one alone. */

export function upsert<T, K>(list: readonly T[] | undefined, changed: readonly T[], key: (item: T) => K): T[] {
  const fresh = new Map(changed.map((item) => [key(item), item]));
  const kept = (list ?? []).map((item) => {
    const replacement = fresh.get(key(item));
    fresh.delete(key(item));
    return replacement ?? item;
  });
  return [...kept, ...fresh.values()];
}

/** What is known, with the changed parts of some laid over; of what is not known yet a part tells nothing. */
export function laidOver<T, P extends Partial<T>, K>(list: readonly T[], changed: readonly P[], key: (item: T | P) => K): T[] {
  const fresh = new Map(changed.map((part) => [key(part), part]));
  return list.map((item) => {
    const part = fresh.get(key(item));
    return part ? { ...item, ...part } : item;
  });
}

/** Newest first by an ISO time. */
export function newestFirst<T>(list: T[], at: (item: T) => string | null): T[] {
  return [...list].sort((a, b) => Date.parse(at(b) ?? "") - Date.parse(at(a) ?? ""));
}
