import i18next from "i18next";

/** The server's reasons for a refusal, which it gives in English, by what stands in them. */
const REASONS: [RegExp, string][] = [
  [/^(?<dog>.+) is not live/, "refusal.notLive"],
  [/^(?<dog>.+) is busy/, "refusal.busy"],
  [/^(?<dog>.+) does not know where it is/, "refusal.lost"],
  [/^(?<dog>.+) is on the map /, "refusal.otherMap"],
  [/^(?<dog>.+) is in (?<mode>\w+) mode/, "refusal.mode"],
  [/^(?<dog>.+) is stopped: emergency stop/, "refusal.estop"],
  [/^(?<dog>.+) needs a person: (?<what>.+)/, "refusal.fault"],
  [/^(?<dog>.+) has (?<charge>\d+) % charge, not above the reserve of (?<reserve>\d+) %/, "refusal.charge"],
  [/^(?<dog>.+) reaches (?<reach>\d+) m before its reserve, the route needs (?<needs>\d+) m/, "refusal.reach"],
  [/^(?<dog>.+) is walking this route/, "refusal.walking"],
  [/^acknowledged already, by (?<who>.+)/, "refusal.acknowledged"],
];

/** The reason in the operator's language; one that is not known here stays as the server said it. */
export function inWords(reason: string): string {
  for (const [pattern, key] of REASONS) {
    const match = pattern.exec(reason);
    if (match) return i18next.t(key, { ...match.groups });
  }
  return reason;
}
