import type { Incident } from "../api/types";

/** What this page's operator has not looked at, and until when (milliseconds, the station's clock) all that came is known. */
export interface Unseen {
  ids: readonly string[];
  until: number;
}

/** The browser keeps it for the tab: a reload forgets no alarm. */
const KEY = "xiaotian.unseen";

export const keepUnseen = (unseen: Unseen): void => sessionStorage.setItem(KEY, JSON.stringify(unseen));

export function keptUnseen(): Unseen | null {
  const kept = sessionStorage.getItem(KEY);
  return kept === null ? null : (JSON.parse(kept) as Unseen);
}

/** Which of those that are `open` call for somebody: new since `before`, or escalated since; where the page has just opened, since what it kept. */
export function callingOf(open: readonly Incident[], before: readonly Incident[] | undefined, kept: Unseen | null): string[] {
  if (before) {
    const known = new Map(before.map((incident) => [incident.incidentId, incident]));
    return ids(open.filter((incident) => !known.has(incident.incidentId) || (incident.escalatedAt && !known.get(incident.incidentId)!.escalatedAt)));
  }
  if (!kept) return [];
  return ids(open.filter((incident) => kept.ids.includes(incident.incidentId) || lastCall(incident) > kept.until));
}

/** When it called for somebody last, milliseconds. */
export const lastCall = ({ receivedAt, escalatedAt }: Incident): number => Date.parse(escalatedAt ?? receivedAt);

const ids = (incidents: readonly Incident[]) => incidents.map(({ incidentId }) => incidentId);
