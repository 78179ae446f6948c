import { useTranslation } from "react-i18next";

interface Props {
  onClose: () => void;
  /** The word on the button that submits the form. */
  yes: string;
  pending: boolean;
  disabled?: boolean;
  testId: string;
}

/** How a form in a dialog ends: leave it, or send it; while it is on its way it is not sent twice. */
export function DialogFoot({ onClose, yes, pending, disabled = false, testId }: Props) {
  const { t } = useTranslation();
  return (
    <footer className="dialog__foot">
      <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
      <button type="submit" className="button button--primary" disabled={disabled || pending} data-testid={testId}>
        {pending ? t("common.sending") : yes}
      </button>
    </footer>
  );
}
