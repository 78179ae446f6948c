import { ArrowDown, ArrowUp, Camera, Compass, GitCompare, Hourglass, Plus, RotateCw, X } from "lucide-react";
import { type FormEvent, Fragment, useState } from "react";
import { useTranslation } from "react-i18next";

import { routeNow, useSaveRoute } from "../api/queries";
import type { Route, Site } from "../api/types";
import { named } from "../i18n";
import { Meanwhile } from "../ui/Meanwhile";
import { reasonOf } from "../ui/RequestFailure";
import { useToast } from "../ui/Toast";
import { useLeaving } from "../ui/useLeaving";
import { changeStop, type Draft, draftOf, type DraftStop, DWELL_MAX_S, metresOf, missing, placeStop, removeStop, routeOf, triedOf } from "./routeDraft";
import { BlockedField, LowBatteryField, StopBlocked } from "./BlockedField";
import { DraftEffect } from "./DraftEffect";
import { LinkLossField } from "./LinkLossField";
import { type LookedRoute, RouteVersions } from "./RouteVersions";
import { degOf, radOf } from "./siteDraft";
import { StopGrip } from "./StopGrip";
import { UndoButtons } from "./UndoButtons";
import type { ChangeRoute, RouteInHand } from "./useRouteDraft";

interface Props {
  site: Site;
  hand: RouteInHand;
  draft: Draft;
  /** A checkpoint becomes a stop, where `insertAt` says. */
  onPick: (checkpointId: string) => void;
  /** The next stop comes before the one at this place, from 0; null: at the end. */
  insertAt: number | null;
  onInsertHere: (place: number | null) => void;
  /** The key of the stop that is turned on the map. */
  chosen: number | null;
  onChoose: (key: number | null) => void;
  /** The version on the map; null: what is drawn. */
  looked: LookedRoute | null;
  onLook: (looked: LookedRoute | null) => void;
  onClose: () => void;
  onSaved: (route: Route) => void;
}

export function RouteEditor({ site, hand, draft, onPick, insertAt, onInsertHere, chosen, onChoose, looked, onLook, onClose, onSaved }: Props) {
  const onChange = hand.change;
  const { t } = useTranslation();
  const say = useToast();
  const save = useSaveRoute();
  const [tried, setTried] = useState(false);
  const { leave, question } = useLeaving(hand.dirty, onClose, "route-leave");
  const gaps = missing(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (gaps.length) return;
    save.mutate(
      { routeId: draft.routeId, version: draft.version, route: routeOf(draft, site.siteId) },
      { onSuccess: (route) => (say(t("plan.saved")), onSaved(route)) },
    );
  };
  const name = (language: "zh" | "en") => ({
    value: draft.name[language],
    maxLength: 80,
    onChange: (event: { target: { value: string } }) => onChange({ ...draft, name: { ...draft.name, [language]: event.target.value } }, `name ${language}`),
  });
  return (
    <form className="editor" onSubmit={submit} noValidate>
      <header className="panel__head">
        <h2>{draft.routeId ? t("plan.editTitle") : t("plan.newTitle")}</h2>
        <span>
          <UndoButtons hand={hand} of="route" />
          <button type="button" className="icon-button" onClick={leave} aria-label={t("common.cancel")} title={t("common.cancel")} data-testid="route-close">
            <X size={17} />
          </button>
        </span>
      </header>
      <div className="panel__body">
        <label className="field">
          <span>{t("plan.nameZh")}</span>
          <input lang="zh-CN" {...name("zh")} placeholder={t("plan.nameZhPlaceholder")} data-testid="route-name-zh" />
        </label>
        <label className="field">
          <span>{t("plan.nameEn")}</span>
          <input lang="en" {...name("en")} placeholder={t("plan.nameEnPlaceholder")} data-testid="route-name-en" />
        </label>
        <div className="editor__stops-head">
          <h3>{t("plan.stops")}</h3>
          <span>
            {t("plan.length")} <b className="number" data-testid="route-length">{t("common.metres", { n: Math.round(metresOf(draft.stops, site.checkpoints)) })}</b>
          </span>
        </div>
        {draft.stops.length === 0 && <p className="editor__hint">{t("plan.noStops")}</p>}
        <ol className="editor__stops" data-testid="route-stops">
          {draft.stops.map((stop, i) => (
            <Fragment key={stop.key}>
              {insertAt === i && <InsertLine onClose={() => onInsertHere(null)} />}
              <StopRow
                stop={stop}
                place={i}
                last={i === draft.stops.length - 1}
                site={site}
                draft={draft}
                onChange={onChange}
                chosen={chosen === stop.key}
                onChoose={() => onChoose(chosen === stop.key ? null : stop.key)}
                onInsertHere={() => onInsertHere(insertAt === i + 1 ? null : i + 1)}
              />
            </Fragment>
          ))}
          {insertAt !== null && insertAt >= draft.stops.length && <InsertLine onClose={() => onInsertHere(null)} />}
        </ol>
        <select className="select" value="" aria-label={t("plan.addStop")} onChange={(event) => onPick(event.target.value)} data-testid="route-add-stop">
          <option value="" disabled>{t("plan.addStop")}</option>
          {site.checkpoints.map((c) => (
            <option key={c.checkpointId} value={c.checkpointId}>{named(c.name)}</option>
          ))}
        </select>
        <DraftEffect site={site} draft={triedOf(draft, site.siteId)} />
        <BlockedField draft={draft} onChange={onChange} />
        <LowBatteryField draft={draft} onChange={onChange} />
        <LinkLossField draft={draft} onChange={onChange} />
        {draft.routeId && <RouteVersions site={site} routeId={draft.routeId} looked={looked} onLook={onLook} dirty={hand.dirty} onTaken={(now) => hand.open(draftOf(now))} />}
      </div>
      <footer className="editor__foot">
        <p className="form-error" role="alert">
          {tried && gaps.map((gap) => t(`plan.missing.${gap}`)).join(" ")}
          {save.isError && t("plan.refused", { reason: reasonOf(save.error, t("common.noServer")) })}
        </p>
        <Meanwhile error={save.error} draft={draft} theirs={() => routeNow(draft.routeId ?? "").then(draftOf)} onChange={onChange} reset={save.reset} />
        <button type="button" className="button" onClick={leave}>{t("common.cancel")}</button>
        <button type="submit" className="button button--primary" disabled={save.isPending} data-testid="route-save">
          {save.isPending ? t("common.saving") : t("common.save")}
        </button>
      </footer>
      {question}
    </form>
  );
}

/** Between two stops: here comes the next one. */
function InsertLine({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <li className="stop-insert" data-testid="route-insert-here">
      {t("plan.insertHere")}
      <button type="button" className="icon-button" onClick={onClose} aria-label={t("common.cancel")}>
        <X size={14} />
      </button>
    </li>
  );
}

/** Degrees from 0 to 359. */
const turnOf = (theta: number) => (degOf(theta) + 360) % 360;

interface StopProps {
  stop: DraftStop;
  place: number;
  last: boolean;
  site: Site;
  draft: Draft;
  onChange: ChangeRoute;
  chosen: boolean;
  onChoose: () => void;
  onInsertHere: () => void;
}

function StopRow({ stop, place, last, site, draft, onChange, chosen, onChoose, onInsertHere }: StopProps) {
  const { t } = useTranslation();
  const n = place + 1;
  const checkpoint = site.checkpoints.find((c) => c.checkpointId === stop.checkpointId);
  const setDwell = (value: string) => onChange(changeStop(draft, stop.key, { dwell: Math.min(DWELL_MAX_S, Math.max(0, Math.round(Number(value) || 0))) }), `dwell ${stop.key}`);
  const setHeading = (value: string) => onChange(changeStop(draft, stop.key, { theta: value === "" ? null : radOf(Number(value)) }), `heading ${stop.key}`);
  const to = (at: number, step?: string) => onChange((old) => placeStop(old, stop.key, at), step);
  return (
    <li className={`stop${chosen ? " is-chosen" : ""}`} data-testid="route-stop" data-checkpoint={stop.checkpointId}>
      <StopGrip n={n} place={place} onMove={to} />
      <button type="button" className="stop__name" aria-pressed={chosen} title={t("plan.turnOnMap")} onClick={onChoose} data-testid="stop-choose">{checkpoint ? named(checkpoint.name) : t("plan.unknownCheckpoint")}</button>
      <span className="stop__order">
        <button type="button" className="icon-button" aria-label={t("plan.insertAfter", { n })} title={t("plan.insertAfter", { n })} onClick={onInsertHere} data-testid="stop-insert">
          <Plus size={14} />
        </button>
        <button type="button" className="icon-button" disabled={place === 0} aria-label={t("plan.up", { n })} onClick={() => to(place - 1)}>
          <ArrowUp size={14} />
        </button>
        <button type="button" className="icon-button" disabled={last} aria-label={t("plan.down", { n })} onClick={() => to(place + 1)}>
          <ArrowDown size={14} />
        </button>
        <button type="button" className="icon-button" aria-label={t("plan.remove", { n })} onClick={() => onChange(removeStop(draft, stop.key))}>
          <X size={14} />
        </button>
      </span>
      <span className="stop__work">
        <button type="button" className="chip" aria-pressed={stop.photo} onClick={() => onChange(changeStop(draft, stop.key, { photo: !stop.photo }))}>
          <Camera size={13} aria-hidden="true" /> {t("plan.photo")}
        </button>
        <button type="button" className="chip" aria-pressed={stop.compare} title={t("plan.compareHint")} onClick={() => onChange(changeStop(draft, stop.key, { compare: !stop.compare }))}>
          <GitCompare size={13} aria-hidden="true" /> {t("plan.compare")}
        </button>
        <button type="button" className="chip" aria-pressed={stop.around} title={t("plan.aroundHint")} onClick={() => onChange(changeStop(draft, stop.key, { around: !stop.around }))} data-testid="stop-around">
          <RotateCw size={13} aria-hidden="true" /> {t("plan.around")}
        </button>
        <label className={`chip${stop.dwell > 0 ? " is-on" : ""}`}>
          <Hourglass size={13} aria-hidden="true" /> {t("plan.dwell")}
          <input type="number" min={0} max={DWELL_MAX_S} value={stop.dwell} aria-label={t("plan.dwellLabel", { n })} onChange={(event) => setDwell(event.target.value)} />
          {t("plan.unit")}
        </label>
        <label className={`chip${stop.theta !== null ? " is-on" : ""}`} title={t("plan.looksHint")}>
          <Compass size={13} aria-hidden="true" /> {t("plan.looks")}
          <input type="number" min={-360} max={360} step={5} value={stop.theta === null ? "" : turnOf(stop.theta)} placeholder={checkpoint && String(turnOf(checkpoint.pose.theta))} aria-label={t("plan.looksLabel", { n })} onChange={(event) => setHeading(event.target.value)} data-testid="stop-heading" />°
        </label>
        <StopBlocked stop={stop} n={n} draft={draft} onChange={onChange} />
      </span>
    </li>
  );
}
