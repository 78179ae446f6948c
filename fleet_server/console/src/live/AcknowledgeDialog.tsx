import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useLive } from "../api/LiveProvider";
import { useAcknowledge } from "../api/queries";
import type { Incident, Site } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { reasonOf } from "../ui/RequestFailure";
import { Picture } from "../ui/Picture";
import { dayAndClock } from "../ui/timeFormat";
import { IncidentPlace } from "./IncidentPlace";
import { kindOf } from "./incidentWords";

const NOTE_MAX = 500;

/** Acknowledging: by name (the session's), with a note, kept in the ledger. */
export function AcknowledgeDialog({ incident, site, onClose, onDone }: { incident: Incident; site: Site; onClose: () => void; onDone?: () => void }) {
  const { t } = useTranslation();
  const { look } = useLive();
  const [note, setNote] = useState("");
  const acknowledge = useAcknowledge();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { incidentId } = incident;
    acknowledge.mutate({ incidentId, note: note.trim() }, { onSuccess: () => (look(incidentId), onDone?.(), onClose()) });
  };
  return (
    <Dialog title={t("incidents.acknowledgeTitle")} onClose={onClose} testId="acknowledge-dialog">
      <form onSubmit={submit}>
        <div className="acknowledge">
          <Picture url={incident.pictureUrl} alt={t("incidents.pictureAlt", { dog: incident.dogId })} />
          <p>
            <strong>{kindOf(incident, t)}</strong>
            <span><IncidentPlace incident={incident} site={site} /></span>
            <span>{dayAndClock(incident.observedAt, site.timezone)} · {incident.dogId}</span>
          </p>
        </div>
        <label className="field">
          <span>{t("incidents.note")}</span>
          <textarea rows={3} maxLength={NOTE_MAX} value={note} data-focus placeholder={t("incidents.notePlaceholder")} onChange={(event) => setNote(event.target.value)} onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.currentTarget.form?.requestSubmit()} data-testid="acknowledge-note" />
          <small>{t("keys.submit")}</small>
        </label>
        {acknowledge.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(acknowledge.error, t("common.noServer")) })}</p>}
        <footer className="dialog__foot">
          <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
          <button type="submit" className="button button--primary" disabled={acknowledge.isPending} data-testid="acknowledge-submit">
            {acknowledge.isPending ? t("incidents.submitting") : t("incidents.submit")}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
