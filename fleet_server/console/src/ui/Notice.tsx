import type { ReactNode } from "react";

/** What stands where there is nothing to show: why, and what to do. */
export function Notice({ icon, title, hint, children }: { icon?: ReactNode; title: string; hint?: string; children?: ReactNode }) {
  return (
    <div className="notice" role="status">
      {icon && <div className="notice__icon">{icon}</div>}
      <p className="notice__title">{title}</p>
      {hint && <p className="notice__hint">{hint}</p>}
      {children}
    </div>
  );
}

/** Grey bars in the place of rows that are on their way. */
export function Waiting({ rows = 3, label }: { rows?: number; label: string }) {
  return (
    <div className="waiting" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="waiting__row" />
      ))}
    </div>
  );
}
