import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

import type { Site } from "../api/types";
import { Notice, Waiting } from "../ui/Notice";

/** The plots come with a library that no other page needs; a page that was open while the server got another build does not find it. */
const Page = lazy(() => import("./DogHistoryPage").catch(() => ({ default: NotLoaded })));

export function DogHistory({ site }: { site: Site }) {
  const { t } = useTranslation();
  return (
    <Suspense fallback={<Waiting rows={4} label={t("common.loading")} />}>
      <Page site={site} />
    </Suspense>
  );
}

function NotLoaded() {
  const { t } = useTranslation();
  return (
    <Notice title={t("common.failed")} hint={t("history.notLoaded")}>
      <button type="button" className="button" onClick={() => window.location.reload()}>{t("common.retry")}</button>
    </Notice>
  );
}
