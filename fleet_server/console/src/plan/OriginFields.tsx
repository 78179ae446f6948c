import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Origin } from "../api/types";

export type TypedOrigin = Record<keyof Origin, string>;

const NUMBERS: { key: keyof Origin; most: number }[] = [
  { key: "latitudeDeg", most: 90 },
  { key: "longitudeDeg", most: 180 },
  { key: "headingDeg", most: 360 },
];

/** Where a map lies, once all of it is typed and can be; null before. */
export function originOf(typed: TypedOrigin): Origin | null {
  const all = NUMBERS.every(({ key, most }) => typed[key].trim() !== "" && Math.abs(Number(typed[key])) <= most);
  return all ? { latitudeDeg: Number(typed.latitudeDeg), longitudeDeg: Number(typed.longitudeDeg), headingDeg: Number(typed.headingDeg) } : null;
}

export const typedOrigin = ({ latitudeDeg, longitudeDeg, headingDeg }: Origin): TypedOrigin => ({
  latitudeDeg: String(latitudeDeg),
  longitudeDeg: String(longitudeDeg),
  headingDeg: String(headingDeg),
});

/** Where a map lies on the earth. */
export function OriginFields({ typed, onType, fault }: { typed: TypedOrigin; onType: (next: TypedOrigin) => void; fault?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <fieldset className="new-site__origin">
      <legend>{t("siteMap.origin")}</legend>
      <div className="site-fields__three">
        {NUMBERS.map(({ key, most }) => (
          <label key={key} className="field">
            <span>{t(`siteMap.${key}`)}</span>
            <input type="number" required step="any" min={-most} max={most} value={typed[key]} onChange={(event) => onType({ ...typed, [key]: event.target.value })} data-testid={`site-${key}`} />
          </label>
        ))}
      </div>
      {fault ?? <small>{t("siteMap.originHint")}</small>}
    </fieldset>
  );
}
