import { Copy } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { Dialog } from "../ui/Dialog";

interface Props {
  title: string;
  hint: string;
  secret: string;
  onClose: () => void;
  children?: ReactNode;
}

/** A secret that is shown this once: the server does not know it any more. */
export function SecretDialog({ title, hint, secret, onClose, children }: Props) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = () => void navigator.clipboard?.writeText(secret).then(() => setCopied(true), () => setCopied(false));
  return (
    <Dialog title={title} onClose={onClose} testId="secret-dialog">
      <p>{hint}</p>
      <p className="secret">
        <code data-testid="secret">{secret}</code>
        <button type="button" className="button" onClick={copy}><Copy size={14} aria-hidden="true" /> {copied ? t("fleet.copied") : t("fleet.copy")}</button>
      </p>
      {children}
      <footer className="dialog__foot">
        <button type="button" className="button button--primary" onClick={onClose} data-focus data-testid="secret-done">{t("fleet.noted")}</button>
      </footer>
    </Dialog>
  );
}
