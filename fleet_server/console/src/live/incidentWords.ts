import type { TFunction } from "i18next";

import type { Incident } from "../api/types";

/** What an incident is, in words. */
export function kindOf(incident: Pick<Incident, "kind">, t: TFunction): string {
  return t(`incidents.kind.${incident.kind}`, { defaultValue: incident.kind });
}
