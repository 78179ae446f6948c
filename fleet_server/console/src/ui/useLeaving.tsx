import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

import { ConfirmDialog } from "./ConfirmDialog";

const NO_REQUEST = { isPending: false, isError: false, error: null };

/** Closes what is edited at once where nothing is unsaved (`dirty`), and asks else: `question` stands beside the form. */
export function useLeaving(dirty: boolean, onClose: () => void, testId: string): { leave: () => void; question: ReactNode } {
  const { t } = useTranslation();
  const [asked, ask] = useState(false);
  const words = { title: t("leaving.title"), body: t("leaving.body"), yes: t("leaving.yes"), no: t("leaving.no") };
  return {
    leave: () => (dirty ? ask(true) : onClose()),
    question: asked && <ConfirmDialog {...words} request={NO_REQUEST} onConfirm={onClose} onClose={() => ask(false)} testId={testId} confirmTestId={`${testId}-confirm`} />,
  };
}
