import { KeyRound, PawPrint } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { Identity, Invitation, Site } from "../api/types";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { Notice, Waiting } from "../ui/Notice";
import { reasonOf, RequestFailure } from "../ui/RequestFailure";
import { clock, dayAndClock } from "../ui/timeFormat";
import { useIdentities, useInvite, useRevoke } from "./fleetQueries";
import { QrCode } from "./QrCode";
import { SecretDialog } from "./SecretDialog";

/** The dogs that were invited, with what became of each. */
export function IdentityTable({ site }: { site: Site }) {
  const { t } = useTranslation();
  const identities = useIdentities();
  const [inviting, invite] = useState(false);
  const [made, tell] = useState<Invitation | null>(null);
  if (identities.isPending) return <Waiting rows={4} label={t("common.loading")} />;
  if (identities.isError) return <RequestFailure error={identities.error} retry={() => void identities.refetch()} />;
  return (
    <>
      <header className="book-head">
        <p>{t("fleet.dogsHint")}</p>
        <button type="button" className="button button--primary" onClick={() => invite(true)} data-testid="invite">
          <KeyRound size={15} aria-hidden="true" /> {t("fleet.invite")}
        </button>
      </header>
      {identities.data.length === 0 ? (
        <Notice icon={<PawPrint size={22} />} title={t("fleet.noDogs")} hint={t("fleet.noDogsHint")} />
      ) : (
        <table className="table" data-testid="identity-table">
          <thead>
            <tr>
              <th>{t("ledger.dog")}</th>
              <th>{t("ledger.status")}</th>
              <th>{t("fleet.invited")}</th>
              <th>{t("fleet.enrolled")}</th>
              <th><span className="for-ears">{t("ledger.action")}</span></th>
            </tr>
          </thead>
          <tbody>
            {identities.data.map((identity) => <IdentityRow key={`${identity.manufacturer}/${identity.name}`} identity={identity} site={site} />)}
          </tbody>
        </table>
      )}
      {inviting && <InviteDialog onClose={() => invite(false)} onMade={(one) => (invite(false), tell(one))} />}
      {made && <CodeDialog made={made} site={site} onClose={() => tell(null)} />}
    </>
  );
}

function IdentityRow({ identity, site }: { identity: Identity; site: Site }) {
  const { t } = useTranslation();
  const [asking, ask] = useState(false);
  const open = identity.status === "ENROLLED" || identity.status === "INVITED";
  return (
    <tr data-testid="identity-row" data-name={identity.name} data-status={identity.status}>
      <td data-label={t("ledger.dog")}><strong>{identity.name}</strong><small>{identity.manufacturer}</small></td>
      <td data-label={t("ledger.status")}>
        {t(`fleet.status.${identity.status}`, { defaultValue: identity.status })}
        {identity.status === "REVOKED" && identity.revokedAt && <small>{t("fleet.by", { who: identity.revokedBy ?? "", at: dayAndClock(identity.revokedAt, site.timezone) })}</small>}
      </td>
      <td data-label={t("fleet.invited")} className="number">{t("fleet.by", { who: identity.invitedBy, at: dayAndClock(identity.invitedAt, site.timezone) })}</td>
      <td data-label={t("fleet.enrolled")} className="number">{identity.enrolledAt ? dayAndClock(identity.enrolledAt, site.timezone) : "–"}</td>
      <td>
        {open && <button type="button" className="button button--danger" onClick={() => ask(true)} data-testid="revoke">{t("fleet.revoke")}</button>}
        {asking && <RevokeDialog identity={identity} onClose={() => ask(false)} />}
      </td>
    </tr>
  );
}

function InviteDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: Invitation) => void }) {
  const { t } = useTranslation();
  const invite = useInvite();
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate(name.trim(), { onSuccess: onMade });
  };
  return (
    <Dialog title={t("fleet.invite")} onClose={onClose} testId="invite-dialog">
      <form onSubmit={submit}>
        <label className="field">
          <span>{t("fleet.dogName")}</span>
          <input value={name} required maxLength={64} pattern="[A-Za-z0-9_.\-]+" title={t("fleet.dogNameRule")} data-focus spellCheck={false} autoComplete="off" placeholder="dog3" onChange={(event) => setName(event.target.value)} data-testid="invite-name" />
          <small>{t("fleet.dogNameRule")}</small>
        </label>
        <p className="form-error" role="alert" data-testid="invite-error">{invite.isError && t("plan.refused", { reason: reasonOf(invite.error, t("common.noServer")) })}</p>
        <DialogFoot onClose={onClose} disabled={name.trim() === ""} pending={invite.isPending} yes={t("fleet.makeCode")} testId="invite-submit" />
      </form>
    </Dialog>
  );
}

/** The one-time code, to be typed on the dog or read off the screen. */
function CodeDialog({ made, site, onClose }: { made: Invitation; site: Site; onClose: () => void }) {
  const { t } = useTranslation();
  const command = `xiaotian dog enroll identity/ --station ${window.location.origin} --code ${made.code}`;
  return (
    <SecretDialog title={t("fleet.codeTitle", { name: made.name })} hint={t("fleet.codeHint", { at: clock(made.expiresAt, site.timezone) })} secret={made.code} onClose={onClose}>
      <div className="invitation">
        <QrCode text={command} label={t("fleet.qr")} />
        <div>
          <p>{t("fleet.codeCommand")}</p>
          <code>{command}</code>
        </div>
      </div>
    </SecretDialog>
  );
}

function RevokeDialog({ identity, onClose }: { identity: Identity; onClose: () => void }) {
  const { t } = useTranslation();
  const revoke = useRevoke();
  return (
    <ConfirmDialog
      title={t("fleet.revokeTitle", { name: identity.name })}
      body={t("fleet.revokeBody", { name: identity.name })}
      request={revoke}
      onConfirm={() => revoke.mutate(identity, { onSuccess: onClose })}
      onClose={onClose}
      yes={t("fleet.revoke")}
      testId="revoke-dialog"
      confirmTestId="revoke-confirm"
    />
  );
}
