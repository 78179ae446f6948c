import { KeyRound, UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useSession } from "../api/queries";
import type { Account, NewPassword, Role, Site } from "../api/types";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Waiting } from "../ui/Notice";
import { reasonOf, RequestFailure } from "../ui/RequestFailure";
import { dayAndClock } from "../ui/timeFormat";
import { useAccounts, useChangeAccount, useNewPassword } from "./fleetQueries";
import { NewAccountDialog } from "./NewAccountDialog";
import { SecretDialog } from "./SecretDialog";

export const ROLES: readonly Role[] = ["operator", "supervisor", "evidenceOfficer", "auditor", "administrator"];

/** Who may sign in, and as what. */
export function AccountTable({ site }: { site: Site }) {
  const { t } = useTranslation();
  const accounts = useAccounts();
  const [making, make] = useState(false);
  const [told, tell] = useState<NewPassword | null>(null);
  if (accounts.isPending) return <Waiting rows={4} label={t("common.loading")} />;
  if (accounts.isError) return <RequestFailure error={accounts.error} retry={() => void accounts.refetch()} />;
  return (
    <>
      <header className="book-head">
        <p>{t("fleet.peopleHint")}</p>
        <button type="button" className="button button--primary" onClick={() => make(true)} data-testid="account-new">
          <UserPlus size={15} aria-hidden="true" /> {t("fleet.newAccount")}
        </button>
      </header>
      <table className="table" data-testid="account-table">
        <thead>
          <tr>
            <th>{t("fleet.username")}</th>
            <th>{t("fleet.role")}</th>
            <th>{t("ledger.status")}</th>
            <th>{t("fleet.createdAt")}</th>
            <th><span className="for-ears">{t("ledger.action")}</span></th>
          </tr>
        </thead>
        <tbody>
          {accounts.data.map((account) => (
            <AccountRow key={account.username} account={account} site={site} tell={tell} />
          ))}
        </tbody>
      </table>
      <RoleGuide />
      {making && <NewAccountDialog onClose={() => make(false)} onMade={(made) => (make(false), tell(made))} />}
      {told?.password && <SecretDialog title={t("fleet.passwordTitle", { name: told.username })} hint={t("fleet.passwordHint")} secret={told.password} onClose={() => tell(null)} />}
    </>
  );
}

function AccountRow({ account, site, tell }: { account: Account; site: Site; tell: (told: NewPassword) => void }) {
  const { t } = useTranslation();
  const me = useSession().data?.username;
  const change = useChangeAccount();
  const [asking, ask] = useState<"password" | "disable" | null>(null);
  const { username, disabledAt } = account;
  const disabled = disabledAt !== null;
  return (
    <tr data-testid="account-row" data-username={username} data-disabled={disabled} data-role={account.role}>
      <td data-label={t("fleet.username")}><strong>{username}</strong>{username === me && <small>{t("fleet.you")}</small>}</td>
      <td data-label={t("fleet.role")}>
        <select className="select select--small" aria-label={t("fleet.roleOf", { name: username })} value={account.role} disabled={change.isPending} onChange={(event) => change.mutate({ account, role: event.target.value as Role })} data-testid="account-role">
          {ROLES.map((role) => <option key={role} value={role}>{t(`fleet.roles.${role}`)}</option>)}
        </select>
      </td>
      <td data-label={t("ledger.status")}>{disabled ? t("fleet.disabledSince", { at: dayAndClock(disabledAt, site.timezone) }) : t("fleet.active")}</td>
      <td data-label={t("fleet.createdAt")} className="number">{dayAndClock(account.createdAt, site.timezone)}</td>
      <td>
        <span className="row-deeds">
          <button type="button" className="button" onClick={() => ask("password")} data-testid="account-password"><KeyRound size={14} aria-hidden="true" /> {t("fleet.newPassword")}</button>
          {disabled
            ? <button type="button" className="button" onClick={() => change.mutate({ account, disabled: false })} data-testid="account-enable">{t("fleet.enable")}</button>
            : <button type="button" className="button button--danger" onClick={() => ask("disable")} data-testid="account-disable">{t("fleet.disable")}</button>}
        </span>
        {change.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(change.error, t("common.noServer")) })}</p>}
        {asking === "password" && <PasswordDialog username={username} onClose={() => ask(null)} tell={tell} />}
        {asking === "disable" && <DisableDialog account={account} onClose={() => ask(null)} />}
      </td>
    </tr>
  );
}

function PasswordDialog({ username, onClose, tell }: { username: string; onClose: () => void; tell: (told: NewPassword) => void }) {
  const { t } = useTranslation();
  const renew = useNewPassword();
  return (
    <ConfirmDialog
      title={t("fleet.newPasswordTitle", { name: username })}
      body={t("fleet.newPasswordBody", { name: username })}
      request={renew}
      onConfirm={() => renew.mutate(username, { onSuccess: (made) => (onClose(), tell(made)) })}
      onClose={onClose}
      yes={t("fleet.newPassword")}
      primary
      confirmTestId="password-confirm"
    />
  );
}

function DisableDialog({ account, onClose }: { account: Account; onClose: () => void }) {
  const { t } = useTranslation();
  const { username } = account;
  const change = useChangeAccount();
  return (
    <ConfirmDialog
      title={t("fleet.disableTitle", { name: username })}
      body={t("fleet.disableBody", { name: username })}
      request={change}
      onConfirm={() => change.mutate({ account, disabled: true }, { onSuccess: onClose })}
      onClose={onClose}
      yes={t("fleet.disable")}
      confirmTestId="disable-confirm"
    />
  );
}

/** What each role may do, in words: nobody has to guess whom to give which. */
function RoleGuide() {
  const { t } = useTranslation();
  return (
    <section className="role-guide" aria-labelledby="role-guide">
      <h2 id="role-guide">{t("fleet.roleGuide")}</h2>
      <dl>
        {ROLES.map((role) => (
          <div key={role}>
            <dt>{t(`fleet.roles.${role}`)}</dt>
            <dd>{t(`fleet.roleMay.${role}`)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
