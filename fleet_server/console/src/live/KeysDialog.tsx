import { useTranslation } from "react-i18next";

import { Dialog } from "../ui/Dialog";
import { type IncidentKey, KEYS_OF_INCIDENTS } from "./incidentKeys";

const SHOWN: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", Enter: "Enter" };

/** What can be done without a mouse. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("keys.title")} onClose={onClose} testId="keys-dialog">
      <dl className="keys">
        {(Object.keys(KEYS_OF_INCIDENTS) as IncidentKey[]).map((name) => (
          <div key={name}>
            <dt>{KEYS_OF_INCIDENTS[name].map((key) => <kbd key={key}>{SHOWN[key] ?? key.toUpperCase()}</kbd>)}</dt>
            <dd>{t(`keys.${name}`)}</dd>
          </div>
        ))}
        <div><dt><kbd>Ctrl</kbd><kbd>Enter</kbd></dt><dd>{t("keys.submitMeaning")}</dd></div>
        <div><dt><kbd>Esc</kbd></dt><dd>{t("keys.escape")}</dd></div>
      </dl>
    </Dialog>
  );
}
