import { MapPinned } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Site, ZoneKind } from "../api/types";
import { named } from "../i18n";
import { Notice } from "../ui/Notice";
import { CheckpointReference } from "./CheckpointReference";
import { PlaceFields } from "./PlaceFields";
import { DRAWN_KINDS, type DraftPlace, type DraftZone, type Item, type SiteDraft } from "./siteDraft";
import type { Pen } from "./SitePlan";
import { ZoneFields } from "./ZoneFields";

export type ChangeDraft = (turn: (draft: SiteDraft) => SiteDraft, step?: string) => void;

interface Props {
  site: Site;
  draft: SiteDraft;
  chosen: Item | null;
  onChoose: (item: Item) => void;
  onLeave: () => void;
  pen: Pen;
  onPen: (pen: Pen) => void;
  /** Null: it is only looked at. */
  change: ChangeDraft | null;
  onRemove: (item: Item) => void;
}

/** What is chosen on the map is seen in the list. */
const inSight = (row: HTMLElement | null) => row?.scrollIntoView({ block: "nearest" });

const LISTS = ["zones", "checkpoints", "docks"] as const;

/** All that is drawn on a site, by name; what is chosen shows its fields. */
export function SiteList({ site, draft, chosen, onChoose, onLeave, pen, onPen, change, onRemove }: Props) {
  const { t } = useTranslation();
  const adding = (list: Item["list"]) => pen !== null && ("zone" in pen ? list === "zones" : pen.place === list);
  return LISTS.map((list) => (
    <section key={list} className="site-list" aria-label={t(`sitePlan.${list}`)}>
      <header className="site-list__head">
        <h3>{t(`sitePlan.${list}`)} <small>{draft[list].length}</small></h3>
        {change && adding(list) && (
          <button type="button" className="button button--quiet" onClick={() => onPen(null)} data-testid={`site-stop-${list}`}>{t("common.cancel")}</button>
        )}
        {change && !adding(list) && list === "zones" && (
          <select className="select select--small" value="" aria-label={t("sitePlan.drawZone")} onChange={(event) => (onPen({ zone: event.target.value as ZoneKind, corners: [] }), event.target.blur())} data-testid="site-draw">
            <option value="" disabled>{t("sitePlan.drawZone")}</option>
            {DRAWN_KINDS.map((kind) => <option key={kind} value={kind}>{t(`map.zone.${kind}`)}</option>)}
          </select>
        )}
        {change && !adding(list) && list !== "zones" && (
          <button type="button" className="button" onClick={() => onPen({ place: list })} data-testid={`site-add-${list}`}>{t("sitePlan.add")}</button>
        )}
      </header>
      {draft[list].length === 0 && <Notice icon={<MapPinned size={22} />} title={t(`sitePlan.none.${list}`)} hint={t(`sitePlan.noneHint.${list}`)} />}
      {draft[list].map((it) => {
        const open = chosen?.list === list && chosen.id === it.id;
        const reference = open && list === "checkpoints" && <CheckpointReference site={site} checkpointId={it.id} choosing={change !== null} />;
        return (
          <article key={it.id} ref={open ? inSight : undefined} className={`route${open ? " is-open" : ""}`} data-testid={`site-${list}-${it.id}`}>
            <button type="button" className="route__head" aria-expanded={open} onClick={() => (open ? onLeave() : onChoose({ list, id: it.id }))}>
              <span>
                <strong>{named(it.name) || t("sitePlan.nameless")}</strong>
                {"kind" in it && <small><Summary zone={it} /></small>}
              </span>
            </button>
            {open && change && ("kind" in it ? <ZoneFields zone={it} change={change} onRemove={() => onRemove({ list, id: it.id })} /> : list !== "zones" && <PlaceFields list={list} place={it as DraftPlace} change={change} onRemove={() => onRemove({ list, id: it.id })}>{reference}</PlaceFields>)}
            {!change && reference}
          </article>
        );
      })}
    </section>
  ));
}

function Summary({ zone }: { zone: DraftZone }) {
  const { t } = useTranslation();
  const hours = zone.hours.map(({ start, end }) => `${start}–${end}`).join(", ") || t("map.always");
  const kind = t(`map.zone.${zone.kind}`, { defaultValue: zone.kind });
  return [kind, hours, ...(zone.maxSpeed === null ? [] : [t("map.maxSpeed", { v: zone.maxSpeed })])].join(" · ");
}
