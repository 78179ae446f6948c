import { BookOpen } from "lucide-react";
import { useTranslation } from "react-i18next";

import { ROOT } from "../api/httpClient";
import { language } from "../i18n";
import { type IncidentKey, KEYS_OF_INCIDENTS } from "../live/incidentKeys";
import { Dialog } from "../ui/Dialog";

const SHOWN: Record<string, string> = { ArrowDown: "↓", ArrowUp: "↑", Enter: "Enter" };

/** The operator's handbook, the API's reference, and what can be done without a mouse. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("help.title")} onClose={onClose} testId="help-dialog">
      <a className="button button--primary button--large" href={`${ROOT}/handbook/${language()}`} target="_blank" rel="noreferrer" data-focus data-testid="handbook">
        <BookOpen size={16} aria-hidden="true" /> {t("help.handbook")}
      </a>
      <p><a href="/docs" target="_blank" rel="noreferrer" data-testid="api-reference">{t("help.api")}</a></p>
      <h3>{t("keys.title")}</h3>
      <dl className="keys">
        {(Object.keys(KEYS_OF_INCIDENTS) as IncidentKey[]).map((name) => (
          <div key={name}>
            <dt>{KEYS_OF_INCIDENTS[name].map((key) => <kbd key={key}>{SHOWN[key] ?? key.toUpperCase()}</kbd>)}</dt>
            <dd>{t(`keys.${name}`)}</dd>
          </div>
        ))}
        <div><dt><kbd>Ctrl</kbd><kbd>Enter</kbd></dt><dd>{t("keys.submitMeaning")}</dd></div>
        <div><dt><kbd>?</kbd></dt><dd>{t("keys.help")}</dd></div>
        <div><dt><kbd>Esc</kbd></dt><dd>{t("keys.escape")}</dd></div>
      </dl>
    </Dialog>
  );
}
