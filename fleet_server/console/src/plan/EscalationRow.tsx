import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { call } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";
import { useMay } from "../api/rights";
import type { Escalation, Site } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { Meanwhile } from "../ui/Meanwhile";
import { reasonOf } from "../ui/RequestFailure";

const MOST_MINUTES = 1440;
const at = (siteId: string) => `/sites/${encodeURIComponent(siteId)}/escalation`;
const keyOf = (siteId: string) => [...KEYS.sites, "escalation", siteId];
const escalationOf = (siteId: string) => call<Escalation>("GET", at(siteId));

/** How long an incident of the site may wait for somebody before all are alarmed again; who may plan sets it here. */
export function EscalationRow({ site }: { site: Site }) {
  const { t } = useTranslation();
  const may = useMay()("plan");
  const known = useQuery({ queryKey: keyOf(site.siteId), queryFn: () => escalationOf(site.siteId) }).data;
  const [changing, change] = useState<Escalation | null>(null); // as it was looked at
  if (!known) return null;
  return (
    <section className="site-list" aria-label={t("escalation.title")} data-testid="escalation" data-minutes={known.minutes ?? "never"}>
      <header className="site-list__head">
        <h3>{t("escalation.title")} <small>{known.minutes === null ? t("escalation.never") : t("escalation.after", { n: known.minutes })}</small></h3>
        {may && <span className="site-list__acts"><button type="button" className="button" onClick={() => change(known)} data-testid="escalation-change">{t("escalation.change")}</button></span>}
      </header>
      {changing && <EscalationDialog siteId={site.siteId} known={changing} onClose={() => change(null)} />}
    </section>
  );
}

function EscalationDialog({ siteId, known, onClose }: { siteId: string; known: Escalation; onClose: () => void }) {
  const { t } = useTranslation();
  const [draft, set] = useState(draftOf(known));
  const save = useChange(({ version, minutes }: Draft) => call<Escalation>("PUT", at(siteId), { minutes: minutes === "" ? null : Number(minutes) }, { version: version! }), keyOf(siteId), KEYS.audit);
  const submit = (event: FormEvent) => (event.preventDefault(), save.mutate(draft, { onSuccess: onClose }));
  return (
    <Dialog title={t("escalation.title")} onClose={onClose} testId="escalation-dialog">
      <form onSubmit={submit}>
        <p>{t("escalation.about")}</p>
        <label className="field">
          <span>{t("escalation.minutes")}</span>
          <input type="number" min={0} max={MOST_MINUTES} step="any" value={draft.minutes} onChange={(event) => set({ ...draft, minutes: event.target.value })} data-focus data-testid="escalation-minutes" />
        </label>
        {save.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(save.error, t("common.noServer")) })}</p>}
        <Meanwhile error={save.error} draft={draft} theirs={() => escalationOf(siteId).then(draftOf)} onChange={set} reset={save.reset} />
        <DialogFoot onClose={onClose} disabled={draft.minutes !== "" && !(Number(draft.minutes) > 0)} pending={save.isPending} yes={t("common.save")} testId="escalation-save" />
      </form>
    </Dialog>
  );
}

interface Draft {
  version: string | null;
  /** As typed; "": never. */
  minutes: string;
}

const draftOf = ({ version, minutes }: Escalation): Draft => ({ version, minutes: minutes === null ? "" : String(minutes) });
