import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useDogs } from "../api/queries";
import type { Route, Site } from "../api/types";
import { named } from "../i18n";
import { DraftEffect } from "../plan/DraftEffect";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { Meanwhile } from "../ui/Meanwhile";
import { reasonOf } from "../ui/RequestFailure";
import { useToast } from "../ui/Toast";
import { useLeaving } from "../ui/useLeaving";
import { bodyOf, type Day, DAYS, draftOfSchedule, EVERY_MINUTES, isSameSchedule, missingOf, triedOf, type MissedPolicy, type ScheduleDraft } from "./scheduleDraft";
import { scheduleNow, useSaveSchedule } from "./scheduleQueries";

interface Props {
  site: Site;
  draft: ScheduleDraft;
  routes: Route[];
  onChange: (draft: ScheduleDraft) => void;
  onClose: () => void;
}

const MISSED: readonly MissedPolicy[] = ["skip", "late", "untilNext"];

export function ScheduleEditor({ site, draft, routes, onChange, onClose }: Props) {
  const { t } = useTranslation();
  const say = useToast();
  const save = useSaveSchedule();
  const [tried, setTried] = useState(false);
  const [opened] = useState(draft);
  const { leave, question } = useLeaving(!isSameSchedule(draft, opened), onClose, "schedule-leave");
  const gaps = missingOf(draft);
  const change = (part: Partial<ScheduleDraft>) => onChange({ ...draft, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (gaps.length === 0) save.mutate({ scheduleId: draft.scheduleId, version: draft.version, schedule: bodyOf(draft) }, { onSuccess: () => (say(t("schedules.saved")), onClose()) });
  };
  return (
    <Dialog title={t(draft.scheduleId ? "schedules.editTitle" : "schedules.create")} onClose={leave} testId="schedule-editor">
      <form onSubmit={submit} noValidate>
        <div className="field-pair">
          <label className="field"><span>{t("plan.nameZh")}</span><input lang="zh-CN" value={draft.name.zh} maxLength={80} placeholder={t("schedules.namePlaceholder")} onChange={(event) => change({ name: { ...draft.name, zh: event.target.value } })} data-testid="schedule-name-zh" /></label>
          <label className="field"><span>{t("plan.nameEn")}</span><input lang="en" value={draft.name.en} maxLength={80} onChange={(event) => change({ name: { ...draft.name, en: event.target.value } })} data-testid="schedule-name-en" /></label>
        </div>
        <label className="field">
          <span>{t("ledger.route")}</span>
          <select className="select" value={draft.routeId} onChange={(event) => change({ routeId: event.target.value })} data-testid="schedule-route">
            {routes.map((route) => <option key={route.routeId} value={route.routeId}>{named(route.name)}</option>)}
          </select>
        </label>
        <DaysField draft={draft} change={change} />
        <div className="field-pair">
          <label className="field"><span>{t("schedules.from")}</span><input type="date" value={draft.date} onChange={(event) => change({ date: event.target.value })} data-testid="schedule-date" /></label>
          <label className="field"><span>{t(draft.promise ? "schedules.begins" : "schedules.time")}</span><input type="time" value={draft.time} onChange={(event) => change({ time: event.target.value })} data-testid="schedule-time" /></label>
        </div>
        <PromiseField draft={draft} change={change} />
        <MissedField draft={draft} change={change} />
        <DogsField draft={draft} change={change} />
        <DraftEffect site={site} draft={triedOf(draft)} />
        <label className="check"><input type="checkbox" checked={draft.enabled} onChange={(event) => change({ enabled: event.target.checked })} /> {t("schedules.enabled")}</label>
        <p className="form-error" role="alert" data-testid="schedule-error">
          {tried && gaps.map((gap) => t(`schedules.missing.${gap}`)).join(" ")}
          {save.isError && t("plan.refused", { reason: reasonOf(save.error, t("common.noServer")) })}
        </p>
        <Meanwhile error={save.error} draft={draft} theirs={() => scheduleNow(draft.scheduleId ?? "").then(draftOfSchedule)} onChange={onChange} reset={save.reset} />
        <DialogFoot onClose={leave} pending={save.isPending} yes={t("common.save")} testId="schedule-save" />
      </form>
      {question}
    </Dialog>
  );
}

interface FieldProps {
  draft: ScheduleDraft;
  change: (part: Partial<ScheduleDraft>) => void;
}

function DaysField({ draft, change }: FieldProps) {
  const { t } = useTranslation();
  const { days } = draft;
  if (days === null) return <p className="dog-card__note">{t("schedules.customHint")} <code>{draft.rule}</code></p>;
  const flip = (day: Day) => change({ days: days.includes(day) ? days.filter((other) => other !== day) : [...days, day] });
  return (
    <fieldset className="days">
      <legend>{t("schedules.days")}</legend>
      {DAYS.map((day) => <button key={day} type="button" className="chip" aria-pressed={days.includes(day)} onClick={() => flip(day)} data-testid={`schedule-day-${day}`}>{t(`schedules.day.${day}`)}</button>)}
    </fieldset>
  );
}

function PromiseField({ draft: { promise }, change }: FieldProps) {
  const { t } = useTranslation();
  const { least, usual, most } = EVERY_MINUTES;
  return (
    <div className="promise">
      <label className="check"><input type="checkbox" checked={promise !== null} onChange={(event) => change({ promise: event.target.checked ? { everyMinutes: usual, ends: "06:00" } : null })} data-testid="schedule-promise" /> {t("schedules.promise")}</label>
      {promise && (
        <div className="field-pair">
          <label className="field"><span>{t("schedules.every")}</span><input type="number" min={least} max={most} value={promise.everyMinutes} onChange={(event) => change({ promise: { ...promise, everyMinutes: Math.min(most, Math.max(1, Number(event.target.value) || usual)) } })} data-testid="schedule-every" /></label>
          <label className="field"><span>{t("schedules.until")}</span><input type="time" value={promise.ends} onChange={(event) => change({ promise: { ...promise, ends: event.target.value } })} /></label>
        </div>
      )}
    </div>
  );
}

function MissedField({ draft: { missed }, change }: FieldProps) {
  const { t } = useTranslation();
  return (
    <div className="field-pair">
      <label className="field">
        <span>{t("schedules.missed.title")}</span>
        <select className="select" value={missed.policy} onChange={(event) => change({ missed: { ...missed, policy: event.target.value as MissedPolicy } })}>
          {MISSED.map((policy) => <option key={policy} value={policy}>{t(`schedules.missed.${policy}`)}</option>)}
        </select>
      </label>
      {missed.policy === "late" && <label className="field"><span>{t("schedules.missed.minutes")}</span><input type="number" min={1} max={1440} value={missed.minutes} onChange={(event) => change({ missed: { ...missed, minutes: Math.max(1, Number(event.target.value) || 1) } })} /></label>}
    </div>
  );
}

function DogsField({ draft, change }: FieldProps) {
  const { t } = useTranslation();
  const known = (useDogs().data ?? []).map((dog) => dog.dogId);
  const names = [...new Set([...known, ...draft.dogs])];
  if (names.length === 0) return null;
  const flip = (name: string) => change({ dogs: draft.dogs.includes(name) ? draft.dogs.filter((other) => other !== name) : [...draft.dogs, name] });
  return (
    <fieldset className="days">
      <legend>{t("schedules.dogs")}</legend>
      {names.map((name) => <button key={name} type="button" className="chip" aria-pressed={draft.dogs.includes(name)} onClick={() => flip(name)}>{name}</button>)}
      {draft.dogs.length === 0 && <small>{t("schedules.anyDog")}</small>}
    </fieldset>
  );
}
