import { KeySquare } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { ApiToken, NewApiToken, Site } from "../api/types";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { Waiting } from "../ui/Notice";
import { reasonOf, RequestFailure } from "../ui/RequestFailure";
import { stationNow } from "../ui/stationTime";
import { dayAndClock } from "../ui/timeFormat";
import { useCreateToken, useRevokeToken, useTokens } from "./fleetQueries";
import { SecretDialog } from "./SecretDialog";

/** All rights but that to make accounts, which no program has. */
const SCOPES = ["see", "look", "watch", "acknowledge", "command", "overrule", "plan", "export", "audit", "enrol"] as const;
const DAYS = [7, 30, 90, 365] as const;

/** Programs that use the API, and what each may do. */
export function TokenTable({ site }: { site: Site }) {
  const { t } = useTranslation();
  const tokens = useTokens();
  const [making, make] = useState(false);
  const [told, tell] = useState<NewApiToken | null>(null);
  if (tokens.isPending) return <Waiting rows={4} label={t("common.loading")} />;
  if (tokens.isError) return <RequestFailure error={tokens.error} retry={() => void tokens.refetch()} />;
  return (
    <>
      <header className="book-head">
        <p>{t("fleet.programsHint")}</p>
        <button type="button" className="button button--primary" onClick={() => make(true)} data-testid="token-new"><KeySquare size={15} aria-hidden="true" /> {t("fleet.newToken")}</button>
      </header>
      <table className="table" data-testid="token-table">
        <thead>
          <tr>
            <th>{t("fleet.tokenName")}</th>
            <th>{t("fleet.scopes")}</th>
            <th>{t("fleet.expires")}</th>
            <th>{t("ledger.status")}</th>
            <th><span className="for-ears">{t("ledger.action")}</span></th>
          </tr>
        </thead>
        <tbody>
          {tokens.data.map((token) => <TokenRow key={token.tokenId} token={token} site={site} />)}
        </tbody>
      </table>
      {making && <NewTokenDialog onClose={() => make(false)} onMade={(made) => (make(false), tell(made))} />}
      {told && <SecretDialog title={t("fleet.tokenTitle", { name: told.name })} hint={t("fleet.tokenHint")} secret={told.token} onClose={() => tell(null)} />}
    </>
  );
}

function TokenRow({ token, site }: { token: ApiToken; site: Site }) {
  const { t } = useTranslation();
  const revoke = useRevokeToken();
  const [asking, ask] = useState(false);
  const state = token.revokedAt ? "revoked" : Date.parse(token.expiresAt) <= stationNow() ? "expired" : "active";
  return (
    <tr data-testid="token-row" data-name={token.name} data-state={state}>
      <td data-label={t("fleet.tokenName")}><strong>{token.name}</strong></td>
      <td data-label={t("fleet.scopes")}>{token.scopes.map((scope) => t(`fleet.scope.${scope}`, { defaultValue: scope })).join(t("fleet.scopeBreak"))}</td>
      <td data-label={t("fleet.expires")} className="number">{dayAndClock(token.expiresAt, site.timezone)}</td>
      <td data-label={t("ledger.status")}>{t(`fleet.tokenState.${state}`)}</td>
      <td>
        {state === "active" && <button type="button" className="button button--danger" onClick={() => ask(true)} data-testid="token-revoke">{t("fleet.revokeToken")}</button>}
        {asking && (
          <ConfirmDialog
            title={t("fleet.revokeTokenTitle", { name: token.name })}
            body={t("fleet.revokeTokenBody", { name: token.name })}
            request={revoke}
            onConfirm={() => revoke.mutate(token.tokenId, { onSuccess: () => ask(false) })}
            onClose={() => ask(false)}
            yes={t("fleet.revokeToken")}
            confirmTestId="token-revoke-confirm"
          />
        )}
      </td>
    </tr>
  );
}

function NewTokenDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: NewApiToken) => void }) {
  const { t } = useTranslation();
  const create = useCreateToken();
  const [name, setName] = useState("");
  const [days, setDays] = useState<number>(90);
  const [scopes, setScopes] = useState<string[]>(["see"]);
  const flip = (scope: string) => setScopes((old) => (old.includes(scope) ? old.filter((each) => each !== scope) : [...old, scope]));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name: name.trim(), scopes, days }, { onSuccess: onMade });
  };
  return (
    <Dialog title={t("fleet.newToken")} onClose={onClose} testId="token-dialog">
      <form onSubmit={submit}>
        <label className="field">
          <span>{t("fleet.tokenName")}</span>
          <input value={name} required maxLength={40} data-focus spellCheck={false} autoComplete="off" placeholder={t("fleet.tokenPlaceholder")} onChange={(event) => setName(event.target.value)} data-testid="token-name" />
        </label>
        <fieldset className="field">
          <legend>{t("fleet.scopes")}</legend>
          {SCOPES.map((scope) => (
            <label key={scope} className="check">
              <input type="checkbox" checked={scopes.includes(scope)} onChange={() => flip(scope)} data-testid={`scope-${scope}`} /> {t(`fleet.scope.${scope}`)}
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span>{t("fleet.expiresIn")}</span>
          <select className="select" value={days} onChange={(event) => setDays(Number(event.target.value))}>
            {DAYS.map((each) => <option key={each} value={each}>{t("fleet.days", { n: each })}</option>)}
          </select>
        </label>
        <p className="form-error" role="alert">{create.isError && t("plan.refused", { reason: reasonOf(create.error, t("common.noServer")) })}</p>
        <DialogFoot onClose={onClose} disabled={name.trim() === "" || scopes.length === 0} pending={create.isPending} yes={t("fleet.create")} testId="token-create" />
      </form>
    </Dialog>
  );
}
