import { useTranslation } from "react-i18next";

import type { Incident, Site } from "../api/types";
import { named } from "../i18n";
import { landmarkOf } from "../map/nearestLandmark";

/** Where it is, in words: its zone, or what lies nearest where it lies in none. */
export function IncidentPlace({ incident, site }: { incident: Pick<Incident, "zoneName" | "position">; site: Site }) {
  const { t } = useTranslation();
  if (incident.zoneName) return named(incident.zoneName);
  const near = landmarkOf(incident.position, site);
  if (near && near.metres < 1) return t("incidents.at", { name: named(near.name) });
  return near ? t("incidents.near", { name: named(near.name), n: Math.round(near.metres) }) : t("incidents.outside");
}
