import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useLive } from "../api/LiveProvider";
import type { Incident, Site } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { reasonOf } from "../ui/RequestFailure";
import { Picture } from "../ui/Picture";
import { dayAndClock } from "../ui/timeFormat";
import { ANSWERS, answersTo, type IncidentAnswer, useAnswer } from "./incidentAnswers";
import { IncidentPlace } from "./IncidentPlace";
import { kindOf } from "./incidentWords";

const NOTE_MAX = 500;

interface Props {
  incident: Incident;
  site: Site;
  /** The answer that stands at first; the others are an arrow key away. */
  first?: IncidentAnswer;
  onClose: () => void;
  onDone?: () => void;
}

/** What becomes of an incident: by name (the session's), with a note, kept in the ledger. */
export function AnswerDialog({ incident, site, first, onClose, onDone }: Props) {
  const { t } = useTranslation();
  const { look } = useLive();
  const offered = answersTo(incident);
  const [chosen, choose] = useState(first);
  const answer = offered.find((each) => each === chosen) ?? offered[0]!;
  const [note, setNote] = useState("");
  const change = useAnswer();
  const needed = ANSWERS[answer].reason;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { incidentId } = incident;
    change.mutate({ incidentId, answer, note: note.trim() }, { onSuccess: () => (look(incidentId), onDone?.(), onClose()) });
  };
  return (
    <Dialog title={t("incidents.answerTitle")} onClose={onClose} testId="acknowledge-dialog">
      <form onSubmit={submit}>
        <div className="acknowledge">
          <Picture url={incident.pictureUrl} alt={t("incidents.pictureAlt", { dog: incident.dogId })} />
          <p>
            <strong>{kindOf(incident, t)}</strong>
            <span><IncidentPlace incident={incident} site={site} /></span>
            <span>{dayAndClock(incident.observedAt, site.timezone)} · {incident.dogId}</span>
          </p>
        </div>
        {offered.length > 1 && (
          <fieldset className="answers">
            <legend className="for-ears">{t("incidents.answerTitle")}</legend>
            {offered.map((each) => (
              <label key={each} className={`chip${each === answer ? " is-on" : ""}`}>
                <input type="radio" name="answer" checked={each === answer} onChange={() => choose(each)} data-testid={`answer-${each}`} />
                {t(`incidents.answer.${each}`)}
              </label>
            ))}
          </fieldset>
        )}
        <label className="field">
          <span>{t(needed ? "incidents.reasonNeeded" : "incidents.note")}</span>
          <textarea rows={3} maxLength={NOTE_MAX} value={note} required={needed} data-focus placeholder={t(`incidents.placeholder.${answer}`)} onChange={(event) => setNote(event.target.value)} onKeyDown={(event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.currentTarget.form?.requestSubmit()} data-testid="acknowledge-note" />
          <small>{t("keys.submit")}</small>
        </label>
        {change.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(change.error, t("common.noServer")) })}</p>}
        <DialogFoot onClose={onClose} disabled={needed && !note.trim()} pending={change.isPending} yes={t(`incidents.answer.${answer}`)} testId="acknowledge-submit" />
      </form>
    </Dialog>
  );
}
