import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { callForFile } from "../api/httpClient";
import { Dialog } from "../ui/Dialog";
import { reasonOf } from "../ui/RequestFailure";

const REASON_MIN = 3;
const REASON_MAX = 500;

/** Hands out the sealed original of a picture, for a reason that goes on record; only the evidence key opens it, and not here. */
export function OriginalDialog({ url, onClose }: { url: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const name = `original-${url.split("/").at(-2)}.sealed`;
  const asked = useMutation({
    mutationFn: async () => save(await callForFile(url, { reason: reason.trim() }), name),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    asked.mutate();
  };
  return (
    <Dialog title={t("evidence.original.title")} onClose={onClose} testId="original-dialog">
      <form onSubmit={submit}>
        <p>{t("evidence.original.body")}</p>
        <label className="field">
          <span>{t("evidence.original.reason")}</span>
          <input value={reason} minLength={REASON_MIN} maxLength={REASON_MAX} onChange={(event) => setReason(event.target.value)} disabled={asked.isSuccess} data-focus data-testid="original-reason" />
        </label>
        {asked.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(asked.error, t("common.noServer")) })}</p>}
        {asked.isSuccess && <p role="status" data-testid="original-given">{t("evidence.original.given", { name })}</p>}
        <p className="evidence__how">
          {t("evidence.original.how")}
          <code data-testid="original-command">{`xiaotian evidence open ${name} --key officer.key`}</code>
        </p>
        <footer className="dialog__foot">
          <button type="button" className="button" onClick={onClose}>{t(asked.isSuccess ? "common.close" : "common.cancel")}</button>
          {!asked.isSuccess && (
            <button type="submit" className="button button--primary" disabled={asked.isPending || reason.trim().length < REASON_MIN} data-testid="original-submit">
              {t("evidence.original.get")}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}

/** As a file of the browser's, under that name. */
function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
