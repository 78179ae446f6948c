import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/httpClient";
import { inWords } from "../api/refusalText";
import type { Site } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { Meanwhile } from "../ui/Meanwhile";
import { reasonOf } from "../ui/RequestFailure";
import { isPrivateKey, publicHalf } from "./evidenceKeyText";
import { siteNow, useNameEvidenceKey } from "./siteQueries";

interface Props {
  site: Site;
  onClose: () => void;
  onSaved: (now: Site) => void;
}

/** Takes the public half of the evidence officer's key: dogs seal originals to it from then on. */
export function EvidenceKeyDialog({ site, onClose, onSaved }: Props) {
  const { t } = useTranslation();
  const change = useNameEvidenceKey();
  const [draft, set] = useState({ version: String(site.version) as string | null, typed: "" }); // of the version that was looked at
  const before = site.evidenceKeyId;
  const isPrivate = isPrivateKey(draft.typed);
  const ready = draft.typed.trim() !== "" && !isPrivate;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) change.mutate({ siteId: site.siteId, version: draft.version!, evidenceKey: publicHalf(draft.typed) }, { onSuccess: (now) => (onClose(), onSaved(now)) });
  };
  const { error } = change;
  const fault = error instanceof ApiError ? error.faults.find(({ pointer }) => pointer === "/evidenceKey") : undefined;
  const refused = isPrivate ? t("evidenceKey.isPrivate") : fault ? inWords(fault.detail) : null;
  return (
    <Dialog title={t(before ? "evidenceKey.another" : "evidenceKey.name")} onClose={onClose} testId="evidence-key-dialog">
      <form onSubmit={submit}>
        <p>{t("evidenceKey.about")}</p>
        <p className="evidence__how">{t("evidenceKey.how")} <code>xiaotian evidence key officer.key</code></p>
        {before && <p>{t("evidenceKey.instead", { id: before })}</p>}
        <label className="field">
          <span>{t("evidenceKey.public")}</span>
          <input
            value={draft.typed}
            spellCheck={false}
            autoComplete="off"
            placeholder="evidence_key: …="
            aria-invalid={refused !== null}
            onChange={(event) => (set({ ...draft, typed: event.target.value }), change.reset())}
            data-focus
            data-testid="evidence-key-text"
          />
          {refused && <small className="form-error" role="alert" data-testid="evidence-key-refused">{refused}</small>}
        </label>
        {change.isError && !fault && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(error, t("common.noServer")) })}</p>}
        <Meanwhile
          error={error}
          draft={draft}
          theirs={() => siteNow(site.siteId).then((now) => ({ version: String(now.version) as string | null, typed: now.evidenceKey ?? "" }))}
          onChange={set}
          reset={change.reset}
        />
        <DialogFoot onClose={onClose} disabled={!ready} pending={change.isPending} yes={t("evidenceKey.save")} testId="evidence-key-save" />
      </form>
    </Dialog>
  );
}
