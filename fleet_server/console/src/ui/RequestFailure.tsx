import { CloudOff } from "lucide-react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/httpClient";
import { inWords } from "../api/refusalText";
import { Notice } from "./Notice";

/** What the server said instead; without an answer, that there was none. */
export function reasonOf(error: unknown, noAnswer: string): string {
  if (error instanceof ApiError) return error.status === 0 ? noAnswer : inWords(error.message);
  return String(error);
}

export function RequestFailure({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  return (
    <Notice icon={<CloudOff size={22} />} title={t("common.failed")} hint={reasonOf(error, t("common.noServer"))}>
      <button type="button" className="button" onClick={retry}>
        {t("common.retry")}
      </button>
    </Notice>
  );
}
