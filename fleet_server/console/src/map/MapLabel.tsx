import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from "react";

import { ofElement } from "./labelLayer";
import { useSiteMap } from "./SiteMap";

interface Props {
  /** Lower stands where two would overlap: see LABEL. */
  priority: number;
  /** Half the side of the sign that it names, pixels; 0: it stands on the place itself. */
  clearance: number;
  className: string;
  testId?: string;
  children: ReactNode;
}

/** Words at a marker, which give way to what matters more; they stand inside the marker's element. */
export function MapLabel({ priority, clearance, className, testId, children }: Props) {
  const { labels } = useSiteMap();
  const id = useId();
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => labels.add(id, ofElement(element.current!, priority, clearance)), [labels, id, priority, clearance]);
  useLayoutEffect(() => labels.place()); // its words may have changed
  return (
    <span ref={element} className={`map-label ${className}`} data-testid={testId} data-map-label data-crowded-out="" aria-hidden="true">
      {children}
    </span>
  );
}
