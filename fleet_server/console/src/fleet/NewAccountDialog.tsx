import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import type { NewPassword, Role } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { reasonOf } from "../ui/RequestFailure";
import { ROLES } from "./AccountTable";
import { useCreateAccount } from "./fleetQueries";

export function NewAccountDialog({ onClose, onMade }: { onClose: () => void; onMade: (made: NewPassword) => void }) {
  const { t } = useTranslation();
  const create = useCreateAccount();
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ username: username.trim(), role }, { onSuccess: onMade });
  };
  return (
    <Dialog title={t("fleet.newAccount")} onClose={onClose} testId="account-dialog">
      <form onSubmit={submit}>
        <label className="field">
          <span>{t("fleet.username")}</span>
          <input value={username} required maxLength={64} data-focus spellCheck={false} autoComplete="off" placeholder={t("fleet.usernamePlaceholder")} onChange={(event) => setUsername(event.target.value)} data-testid="account-username" />
        </label>
        <label className="field">
          <span>{t("fleet.role")}</span>
          <select className="select" value={role} onChange={(event) => setRole(event.target.value as Role)} data-testid="account-new-role">
            {ROLES.map((name) => <option key={name} value={name}>{t(`fleet.roles.${name}`)}</option>)}
          </select>
          <small>{t(`fleet.roleMay.${role}`)}</small>
        </label>
        <p className="form-error" role="alert">{create.isError && t("plan.refused", { reason: reasonOf(create.error, t("common.noServer")) })}</p>
        <DialogFoot onClose={onClose} disabled={username.trim() === ""} pending={create.isPending} yes={t("fleet.create")} testId="account-create" />
      </form>
    </Dialog>
  );
}
