import { History } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Site } from "../api/types";
import { named } from "../i18n";
import { useNow } from "../ui/useNow";
import { type BacktestDraft, useBacktest } from "./backtestQueries";
import { backtestSpan } from "./backtestSpan";
import { WayFigures } from "./WayFigures";

/** What a change would have meant for the incidents of the last seven days, while it is being made; null: nothing to try yet. */
export function DraftEffect({ site, draft }: { site: Site; draft: BacktestDraft | null }) {
  const { t } = useTranslation();
  const span = backtestSpan("7d", site.timezone, useNow(60_000));
  const before = useBacktest(site.siteId, span);
  const after = useBacktest(site.siteId, span, draft);
  if (!draft || !before.data || !after.data || after.isError) return null;
  const { seen, findings, ways } = after.data;
  const way = draft.route && ways.find((each) => each.routeId === draft.route?.routeId);
  const unreached = site.checkpoints.filter((each) => way?.unreached.includes(each.checkpointId));
  const better = seen - before.data.seen;
  return (
    <div className={`draft-effect${!after.current || before.isFetching ? " is-stale" : ""}`} role="status" data-testid="draft-effect" data-seen={seen} data-before={before.data.seen}>
      <History size={15} aria-hidden="true" />
      <div>
        {way && <p><WayFigures way={way} /></p>}
        {unreached.length > 0 && <p className="form-error">{t("review.unreached", { names: unreached.map((each) => named(each.name)).join(t("review.and")) })}</p>}
        <p>{findings.length === 0 ? t("review.draftNone") : t(better === 0 ? "review.draftSame" : "review.draft", { n: findings.length, seen, before: before.data.seen })}</p>
      </div>
    </div>
  );
}
