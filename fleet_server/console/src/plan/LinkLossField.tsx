import { useTranslation } from "react-i18next";

import { type Draft, LINK_LOSS, LINK_LOSS_MOST_MINUTES, type LinkLoss } from "./routeDraft";

/** What the dog is to do when the station is out of reach. */
export function LinkLossField({ draft, onChange }: { draft: Draft; onChange: (draft: Draft) => void }) {
  const { t } = useTranslation();
  const { policy, minutes } = draft.linkLoss;
  const set = (change: Partial<Draft["linkLoss"]>) => onChange({ ...draft, linkLoss: { ...draft.linkLoss, ...change } });
  const setMinutes = (value: string) => set({ minutes: Math.min(LINK_LOSS_MOST_MINUTES, Math.max(0, Math.round(Number(value) || 0))) });
  return (
    <div className="editor__link">
      <label className="field">
        <span>{t("plan.linkLoss.title")}</span>
        <select className="select" value={policy} onChange={(event) => set({ policy: event.target.value as LinkLoss })} data-testid="route-link-loss">
          {LINK_LOSS.map((each) => (
            <option key={each} value={each}>{t(`plan.linkLoss.${each}`)}</option>
          ))}
        </select>
      </label>
      {policy === "carryOnThenHome" && (
        <label className="chip is-on">
          <input type="number" min={0} max={LINK_LOSS_MOST_MINUTES} value={minutes} aria-label={t("plan.linkLoss.minutesLabel")} onChange={(event) => setMinutes(event.target.value)} data-testid="route-link-loss-minutes" />
          {t("plan.linkLoss.minutes")}
        </label>
      )}
    </div>
  );
}
