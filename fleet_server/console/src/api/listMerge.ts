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

/** Newest first by an ISO time. */
export function newestFirst<T>(list: T[], at: (item: T) => string | null): T[] {
  return [...list].sort((a, b) => Date.parse(at(b) ?? "") - Date.parse(at(a) ?? ""));
}
