import { call } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";
import type { Incident } from "../api/types";

/** What somebody says of an incident: where it is asked, under which name the note goes, and whether there has to be one. */
export const ANSWERS = {
  acknowledge: { path: "acknowledge", note: "note", reason: false },
  dispatch: { path: "dispatch", note: "note", reason: false },
  resolve: { path: "resolve", note: "reason", reason: true },
  falseAlarm: { path: "false-alarm", note: "reason", reason: true },
  reopen: { path: "reopen", note: "reason", reason: true },
} as const;
export type IncidentAnswer = keyof typeof ANSWERS;

/** Which follow which: the server's order of an incident's states. */
const NEXT: Record<Incident["status"], readonly IncidentAnswer[]> = {
  OPEN: ["acknowledge", "dispatch", "resolve", "falseAlarm"],
  ACKNOWLEDGED: ["dispatch", "resolve", "falseAlarm"],
  DISPATCHED: ["resolve", "falseAlarm"],
  RESOLVED: ["reopen"],
  FALSE_ALARM: ["reopen"],
};

export const answersTo = ({ status }: Incident): readonly IncidentAnswer[] => NEXT[status];

export const useAnswer = () =>
  useChange(({ incidentId, answer, note }: { incidentId: string; answer: IncidentAnswer; note: string }) => {
    const { path, note: name } = ANSWERS[answer];
    return call<Incident>("POST", `/incidents/${encodeURIComponent(incidentId)}/${path}`, { [name]: note }, { once: true });
  }, KEYS.incidents);
