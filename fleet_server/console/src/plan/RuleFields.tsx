import { useTranslation } from "react-i18next";

import { NumberField } from "./NumberField";
import { RULES, type Rules } from "./siteDraft";

interface Props {
  rules: Rules;
  /** Steps of the same `what` in a row are one. */
  onChange: (rules: Rules, what?: string) => void;
}

/** As protocol/rules.py takes them. */
const LIMITS: Record<string, { min: number; max: number; step: number }> = {
  afterS: { min: 0, max: 86_400, step: 1 },
  smokeAfterS: { min: 0, max: 86_400, step: 1 },
  aloneM: { min: 0.1, max: 100, step: 0.5 },
  withinM: { min: 0.1, max: 100, step: 0.5 },
  people: { min: 2, max: 100, step: 1 },
};

/** What dogs look out for in a watched zone, and from which limits on they tell of it. */
export function RuleFields({ rules, onChange }: Props) {
  const { t } = useTranslation();
  const without = (rule: string) => Object.fromEntries(Object.entries(rules).filter(([each]) => each !== rule));
  return (
    <fieldset className="site-fields__rules">
      <legend>{t("sitePlan.rules")}</legend>
      {Object.entries(RULES).map(([rule, begins]) => {
        const limits = rules[rule];
        return (
          <div key={rule}>
            <label className="check">
              <input type="checkbox" checked={limits !== undefined} onChange={(event) => onChange(event.target.checked ? { ...rules, [rule]: begins } : without(rule))} data-testid={`rule-${rule}`} />
              {t(`sitePlan.rule.${rule}`)}
            </label>
            {limits && (
              <div className="site-fields__three">
                {Object.entries({ ...begins, ...limits }).map(([limit, value]) => (
                  <NumberField key={limit} label={t(`sitePlan.limit.${limit}`)} value={value} {...LIMITS[limit]!} onChange={(next) => onChange({ ...rules, [rule]: { ...limits, [limit]: limit === "people" ? Math.round(next) : next } }, `${rule} ${limit}`)} testId={`rule-${rule}-${limit}`} />
                ))}
              </div>
            )}
          </div>
        );
      })}
      {Object.keys(rules).length === 0 && <p className="site-fields__hint">{t("sitePlan.noRule")}</p>}
    </fieldset>
  );
}
