import { goTo, type View } from "../app/address";

interface Props<T extends string> {
  view: View;
  tabs: readonly T[];
  tab: T;
  label: string;
  words: (tab: T) => string;
  /** The id of the panel that they open. */
  panel: string;
}

/** The tabs of a view. Arrow keys move between them, as the ARIA practices ask. */
export function Tabs<T extends string>({ view, tabs, tab, label, words, panel }: Props<T>) {
  const step = (key: string) => {
    const by = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (!by) return;
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length]!;
    goTo(view, next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={(event) => step(event.key)}>
      {tabs.map((name) => (
        <button key={name} type="button" role="tab" id={`tab-${name}`} aria-selected={name === tab} aria-controls={panel} tabIndex={name === tab ? 0 : -1} onClick={() => goTo(view, name)} data-testid={`${view}-${name}`}>
          {words(name)}
        </button>
      ))}
    </div>
  );
}
