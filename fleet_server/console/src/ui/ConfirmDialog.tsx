import { useTranslation } from "react-i18next";

import { Dialog } from "./Dialog";
import { reasonOf } from "./RequestFailure";

interface Props {
  title: string;
  body: string;
  /** The request that is made when it is confirmed. */
  request: { isPending: boolean; isError: boolean; error: unknown };
  onConfirm: () => void;
  onClose: () => void;
  yes: string;
  no?: string;
  /** Its button is not in the colour of danger. */
  primary?: boolean;
  testId?: string;
  confirmTestId: string;
}

/** Asks before something is done that cannot be undone, with the focus on what leaves all as it is. */
export function ConfirmDialog({ title, body, request, onConfirm, onClose, yes, no, primary = false, testId, confirmTestId }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog title={title} onClose={onClose} testId={testId}>
      <p>{body}</p>
      {request.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(request.error, t("common.noServer")) })}</p>}
      <footer className="dialog__foot">
        <button type="button" className="button" onClick={onClose} data-focus>{no ?? t("common.cancel")}</button>
        <button type="button" className={`button button--${primary ? "primary" : "danger"}`} disabled={request.isPending} onClick={onConfirm} data-testid={confirmTestId}>
          {yes}
        </button>
      </footer>
    </Dialog>
  );
}
