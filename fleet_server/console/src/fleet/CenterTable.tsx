import { Building2, RotateCw } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Center, NewCenter, Site } from "../api/types";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { Waiting } from "../ui/Notice";
import { reasonOf, RequestFailure } from "../ui/RequestFailure";
import { dayAndClock } from "../ui/timeFormat";
import { useCenters, useCreateCenter, useRemoveCenter, useSendAgain } from "./fleetQueries";
import { SecretDialog } from "./SecretDialog";

/** Command centers: who may call dogs, who is told of incidents, and what they have not taken. */
export function CenterTable({ site }: { site: Site }) {
  const { t } = useTranslation();
  const centers = useCenters();
  const [making, make] = useState(false);
  const [told, tell] = useState<NewCenter | null>(null);
  if (centers.isPending) return <Waiting rows={4} label={t("common.loading")} />;
  if (centers.isError) return <RequestFailure error={centers.error} retry={() => void centers.refetch()} />;
  return (
    <>
      <header className="book-head">
        <p>{t("fleet.centersHint")}</p>
        <button type="button" className="button button--primary" onClick={() => make(true)} data-testid="center-new"><Building2 size={15} aria-hidden="true" /> {t("fleet.newCenter")}</button>
      </header>
      <table className="table" data-testid="center-table">
        <thead>
          <tr>
            <th>{t("fleet.centerName")}</th>
            <th>{t("fleet.centerUrl")}</th>
            <th>{t("fleet.createdAt")}</th>
            <th>{t("fleet.undelivered")}</th>
            <th><span className="for-ears">{t("ledger.action")}</span></th>
          </tr>
        </thead>
        <tbody>
          {centers.data.map((center) => <CenterRow key={center.centerId} center={center} site={site} />)}
        </tbody>
      </table>
      {making && <NewCenterDialog onClose={() => make(false)} onMade={(made) => (make(false), tell(made))} />}
      {told && <SecretDialog title={t("fleet.centerTitle", { name: told.name })} hint={t("fleet.centerHint")} secret={told.secret} onClose={() => tell(null)} />}
    </>
  );
}

function CenterRow({ center, site }: { center: Center; site: Site }) {
  const { t } = useTranslation();
  const again = useSendAgain();
  const remove = useRemoveCenter();
  const [asking, ask] = useState(false);
  const left = center.waiting + center.givenUp;
  return (
    <tr data-testid="center-row" data-name={center.name} data-left={left}>
      <td data-label={t("fleet.centerName")}><strong>{center.name}</strong></td>
      <td data-label={t("fleet.centerUrl")} className="table__code table__code--long">{center.url ?? t("fleet.toldNothing")}</td>
      <td data-label={t("fleet.createdAt")} className="number">{dayAndClock(center.createdAt, site.timezone)}</td>
      <td data-label={t("fleet.undelivered")}>
        {t("fleet.left", { waiting: center.waiting, givenUp: center.givenUp })}
        {center.problem && <small lang="en">{center.problem}</small>}
      </td>
      <td>
        <span className="row-deeds">
          {left > 0 && <button type="button" className="button" disabled={again.isPending} onClick={() => again.mutate(center.centerId)} data-testid="center-again"><RotateCw size={14} aria-hidden="true" /> {t("fleet.sendAgain")}</button>}
          <button type="button" className="button button--danger" onClick={() => ask(true)} data-testid="center-remove">{t("fleet.removeCenter")}</button>
        </span>
        {asking && (
          <ConfirmDialog
            title={t("fleet.removeCenterTitle", { name: center.name })}
            body={t("fleet.removeCenterBody", { name: center.name })}
            request={remove}
            onConfirm={() => remove.mutate(center.centerId, { onSuccess: () => ask(false) })}
            onClose={() => ask(false)}
            yes={t("fleet.removeCenter")}
            confirmTestId="center-remove-confirm"
          />
        )}
      </td>
    </tr>
  );
}

function NewCenterDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: NewCenter) => void }) {
  const { t } = useTranslation();
  const create = useCreateCenter();
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), url: url.trim() || null }, { onSuccess: onMade });
  };
  return (
    <Dialog title={t("fleet.newCenter")} onClose={onClose} testId="center-dialog">
      <form onSubmit={submit}>
        <label className="field">
          <span>{t("fleet.centerName")}</span>
          <input value={name} required maxLength={40} data-focus spellCheck={false} autoComplete="off" placeholder={t("fleet.centerPlaceholder")} onChange={(event) => setName(event.target.value)} data-testid="center-name" />
        </label>
        <label className="field">
          <span>{t("fleet.centerUrl")}</span>
          <input type="url" value={url} maxLength={500} spellCheck={false} autoComplete="off" placeholder="https://center.example/alerts" onChange={(event) => setUrl(event.target.value)} data-testid="center-url" />
          <small>{t("fleet.centerUrlHint")}</small>
        </label>
        <p className="form-error" role="alert">{create.isError && t("plan.refused", { reason: reasonOf(create.error, t("common.noServer")) })}</p>
        <DialogFoot onClose={onClose} disabled={name.trim() === ""} pending={create.isPending} yes={t("fleet.create")} testId="center-create" />
      </form>
    </Dialog>
  );
}
