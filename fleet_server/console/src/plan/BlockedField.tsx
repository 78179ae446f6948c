import { useTranslation } from "react-i18next";

import { BLOCKED, type BlockedPolicy, changeStop, type Draft, type DraftStop, LOW_BATTERY, type LowBattery, MOST_TRIES } from "./routeDraft";

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
}

/** What the dog is to do where a way stays blocked. */
export function BlockedField({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const { policy, tries } = draft.blocked;
  const set = (change: Partial<Draft["blocked"]>) => onChange({ ...draft, blocked: { ...draft.blocked, ...change } });
  const setTries = (value: string) => set({ tries: Math.min(MOST_TRIES, Math.max(1, Math.round(Number(value) || 1))) });
  return (
    <div className="editor__link">
      <label className="field">
        <span>{t("plan.blocked.title")}</span>
        <select className="select" value={policy} onChange={(event) => set({ policy: event.target.value as BlockedPolicy })} data-testid="route-blocked">
          {BLOCKED.map((each) => (
            <option key={each} value={each}>{t(`plan.blocked.${each}`)}</option>
          ))}
        </select>
      </label>
      {policy !== "wait" && (
        <label className="chip is-on">
          <input type="number" min={1} max={MOST_TRIES} value={tries} aria-label={t("plan.blocked.triesLabel")} onChange={(event) => setTries(event.target.value)} data-testid="route-blocked-tries" />
          {t("plan.blocked.tries")}
        </label>
      )}
    </div>
  );
}

/** What becomes of the round when the dog has to charge. */
export function LowBatteryField({ draft, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <label className="field">
      <span>{t("plan.lowBattery.title")}</span>
      <select className="select" value={draft.lowBattery} onChange={(event) => onChange({ ...draft, lowBattery: event.target.value as LowBattery })} data-testid="route-low-battery">
        {LOW_BATTERY.map((each) => (
          <option key={each} value={each}>{t(`plan.lowBattery.${each}`)}</option>
        ))}
      </select>
    </label>
  );
}

/** The same for the way to one stop; empty: as the route has it. */
export function StopBlocked({ stop, n, draft, onChange }: Props & { stop: DraftStop; n: number }) {
  const { t } = useTranslation();
  const choose = (value: string) => onChange(changeStop(draft, stop.key, { blocked: (value || null) as BlockedPolicy | null }));
  return (
    <select className="select stop__blocked" value={stop.blocked ?? ""} aria-label={t("plan.blocked.own", { n })} onChange={(event) => choose(event.target.value)} data-testid="stop-blocked">
      <option value="">{t("plan.blocked.asRoute")}</option>
      {BLOCKED.map((each) => (
        <option key={each} value={each}>{t(`plan.blocked.${each}`)}</option>
      ))}
    </select>
  );
}
