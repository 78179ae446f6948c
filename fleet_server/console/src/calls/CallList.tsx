import { House, Eye, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Call, Site } from "../api/types";
import { named } from "../i18n";
import { roundReason } from "../schedules/roundReason";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { stationNow } from "../ui/stationTime";
import { moment } from "../ui/timeFormat";
import { useNow } from "../ui/useNow";
import { isOver, useCalls, useCancelCall } from "./callQueries";

/** A call that has ended stays in sight for this long; what has failed stays longer. */
const STAYS_MS = { DONE: 60_000, CANCELED: 30_000, FAILED: 600_000 };

/** What dogs are called for, the newest first; nothing where nobody has called. */
export function CallList({ site }: { site: Site }) {
  const { t } = useTranslation();
  useNow(5000);
  const calls = (useCalls().data ?? []).filter((made) => made.siteId === site.siteId && isShown(made)).sort((a, b) => b.askedAt.localeCompare(a.askedAt));
  if (calls.length === 0) return null;
  return (
    <section className="calls" aria-labelledby="calls-title" data-testid="call-list">
      <h3 id="calls-title">{t("calls.list")}</h3>
      <ul>
        {calls.map((made) => <CallRow key={made.callId} made={made} site={site} />)}
      </ul>
    </section>
  );
}

function CallRow({ made, site }: { made: Call; site: Site }) {
  const { t } = useTranslation();
  const may = useMay();
  const now = useNow(5000);
  const cancel = useCancelCall();
  const [asking, ask] = useState(false);
  return (
    <li className={`call is-${made.status.toLowerCase()}`} data-testid="call" data-status={made.status}>
      {made.kind === "HOME" ? <House size={14} aria-hidden="true" /> : <Eye size={14} aria-hidden="true" />}
      <div>
        <strong>{named(made.name)}</strong>
        <span>
          {t(`calls.status.${made.status}`)}
          {made.dogId && ` · ${made.dogId}`} · {moment(made.askedAt, site.timezone, now)}
        </span>
        {made.reason && <small>{made.reason}</small>}
        {made.why && <small className="call__why">{roundReason(made.why)}</small>}
      </div>
      {!isOver(made) && may("command") && (
        <button type="button" className="icon-button" disabled={cancel.isPending} onClick={() => ask(true)} aria-label={t("calls.cancel", { name: named(made.name) })} title={t("calls.cancel", { name: named(made.name) })} data-testid="call-cancel">
          <X size={15} />
        </button>
      )}
      {asking && (
        <ConfirmDialog
          title={t("calls.cancelTitle", { name: named(made.name) })}
          body={t("calls.cancelBody")}
          request={cancel}
          onConfirm={() => cancel.mutate(made.callId, { onSuccess: () => ask(false) })}
          onClose={() => ask(false)}
          yes={t("calls.cancelYes")}
          no={t("calls.cancelNo")}
          confirmTestId="call-cancel-confirm"
        />
      )}
    </li>
  );
}

function isShown(made: Call): boolean {
  if (made.endedAt === null) return true;
  return stationNow() - Date.parse(made.endedAt) < (STAYS_MS[made.status as keyof typeof STAYS_MS] ?? 0);
}
