import { Plus, Trash2, X } from "lucide-react";
import { useTranslation } from "react-i18next";

import { NameFields } from "./NameFields";
import { NumberField } from "./NumberField";
import { RuleFields } from "./RuleFields";
import { changeKind, changeZone, DRAWN_KINDS, type DraftZone, type Hours, insertCorner, LEAST_CORNERS, moveCorner, removeCorner } from "./siteDraft";
import type { ChangeDraft } from "./SiteList";

interface Props {
  zone: DraftZone;
  change: ChangeDraft;
  onRemove: () => void;
}

/** The night, as new hours begin. */
const NIGHT: Hours = { start: "22:00", end: "06:00" };
/** What a slow zone may ask for, m/s: no dog walks faster than the last. */
const SPEED = { min: 0.1, max: 2, step: 0.1 };

/** A zone in names, hours and numbers. */
export function ZoneFields({ zone, change, onRemove }: Props) {
  const { t } = useTranslation();
  const { id, kind, hours, polygon } = zone;
  const put = (part: Partial<DraftZone>, what?: string) => change((draft) => changeZone(draft, id, part), what && `${id} ${what}`);
  return (
    <div className="site-fields">
      <NameFields name={zone.name} onChange={(name, language) => put({ name }, language)} />
      <label className="field">
        <span>{t("sitePlan.kind")}</span>
        <select className="select" value={kind} onChange={(event) => change((draft) => changeKind(draft, id, event.target.value))} data-testid="zone-kind">
          {DRAWN_KINDS.map((each) => <option key={each} value={each}>{t(`map.zone.${each}`)}</option>)}
        </select>
        <small>{t(`sitePlan.kindHint.${kind}`, { defaultValue: "" })}</small>
      </label>
      {kind === "watched" && <RuleFields rules={zone.rules ?? {}} onChange={(rules, what) => put({ rules }, what)} />}
      {kind === "slow" && <NumberField label={t("sitePlan.maxSpeed")} value={zone.maxSpeed ?? SPEED.min} {...SPEED} onChange={(maxSpeed) => put({ maxSpeed }, "speed")} testId="zone-speed" />}
      <fieldset className="site-fields__hours">
        <legend>{t("sitePlan.hours")}</legend>
        {hours.length === 0 && <p className="site-fields__hint">{t("map.always")}</p>}
        {hours.map((each, i) => (
          <span key={i}>
            {(["start", "end"] as const).map((side) => (
              <input
                key={side}
                type={each[side] === "24:00" ? "text" : "time"}
                value={each[side]}
                aria-label={t(`sitePlan.${side}`, { n: i + 1 })}
                onChange={(event) => event.target.value && put({ hours: hours.map((old, at) => (at === i ? { ...old, [side]: event.target.value } : old)) }, `hours ${i} ${side}`)}
                data-testid={`zone-${side}-${i}`}
              />
            ))}
            <button type="button" className="icon-button" aria-label={t("sitePlan.removeHours", { n: i + 1 })} onClick={() => put({ hours: hours.filter((_, at) => at !== i) })}><X size={14} /></button>
          </span>
        ))}
        <button type="button" className="link-button" onClick={() => put({ hours: [...hours, NIGHT] })} data-testid="zone-add-hours"><Plus size={14} aria-hidden="true" /> {t("sitePlan.addHours")}</button>
      </fieldset>
      <details className="site-fields__corners">
        <summary>{t("sitePlan.corners", { n: polygon.length })}</summary>
        <ol>
          {polygon.map((corner, i) => (
            <li key={i}>
              <NumberField label={t("sitePlan.x")} value={corner.x} step={0.1} onChange={(x) => change((draft) => moveCorner(draft, id, i, { ...corner, x }), `${id} ${i} x`)} testId={`corner-x-${i}`} />
              <NumberField label={t("sitePlan.y")} value={corner.y} step={0.1} onChange={(y) => change((draft) => moveCorner(draft, id, i, { ...corner, y }), `${id} ${i} y`)} testId={`corner-y-${i}`} />
              <button type="button" className="icon-button" aria-label={t("sitePlan.insertCorner", { n: i + 1 })} title={t("sitePlan.insertCorner", { n: i + 1 })} onClick={() => change((draft) => insertCorner(draft, id, i))}><Plus size={14} /></button>
              <button type="button" className="icon-button" disabled={polygon.length <= LEAST_CORNERS} aria-label={t("sitePlan.removeCorner", { n: i + 1 })} title={t("sitePlan.removeCorner", { n: i + 1 })} onClick={() => change((draft) => removeCorner(draft, id, i))}><X size={14} /></button>
            </li>
          ))}
        </ol>
      </details>
      <button type="button" className="button button--danger" onClick={onRemove} data-testid="site-remove"><Trash2 size={14} aria-hidden="true" /> {t("common.delete")}</button>
    </div>
  );
}
