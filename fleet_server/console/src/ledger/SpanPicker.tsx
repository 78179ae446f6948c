import { useTranslation } from "react-i18next";

import type { Shift } from "../api/types";
import { dayOfDate } from "../ui/timeFormat";
import { LATELY, type SpanChoice, spanName } from "./ledgerSpan";

const OWN = "";

/** The last day, week or month, or one of the last shifts. */
export function SpanPicker({ choice, shifts, choose }: { choice: SpanChoice; shifts: Shift[]; choose: (name: string) => void }) {
  const { t } = useTranslation();
  const chosen = spanName(choice);
  return (
    <div className="filter" role="group" aria-label={t("account.span")}>
      {Object.keys(LATELY).map((name) => (
        <button key={name} type="button" className="chip" aria-pressed={name === chosen} onClick={() => choose(name)} data-testid={`span-${name}`}>
          {t(`account.lately.${name}`)}
        </button>
      ))}
      <select className="chip" aria-label={t("account.shift")} value={"shift" in choice ? chosen : OWN} onChange={(event) => event.target.value !== OWN && choose(event.target.value)} data-testid="span-shift">
        <option value={OWN}>{t("account.shift")}</option>
        {shifts.map((shift) => (
          <option key={`${shift.name}@${shift.day}`} value={`${shift.name}@${shift.day}`}>
            {dayOfDate(shift.day)} {t(`account.shiftName.${shift.name}`, { defaultValue: shift.name })}
            {shift.running ? ` · ${t("account.running")}` : ""}
          </option>
        ))}
      </select>
    </div>
  );
}
