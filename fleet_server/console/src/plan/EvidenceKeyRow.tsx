import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Site } from "../api/types";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { useToast } from "../ui/Toast";
import { EvidenceKeyDialog } from "./EvidenceKeyDialog";
import { useNameEvidenceKey } from "./siteQueries";

/** Whether pictures are kept as they were before masking; who may say to which key, does it here. */
export function EvidenceKeyRow({ site }: { site: Site }) {
  const { t } = useTranslation();
  const may = useMay()("originals");
  const say = useToast();
  const end = useNameEvidenceKey();
  const [naming, name] = useState(false);
  const [ending, toEnd] = useState<Site | null>(null); // of the version that was looked at
  const kept = Boolean(site.evidenceKey);
  const close = () => (toEnd(null), end.reset());
  const saved = (now: Site) => say(t("sitePlan.saved", { n: now.version }));
  const send = () => ending && end.mutate({ siteId: site.siteId, version: String(ending.version), evidenceKey: null }, { onSuccess: (now) => (close(), saved(now)) });
  return (
    <section className="site-list" aria-label={t("evidenceKey.originals")} data-testid="evidence-key" data-kept={kept}>
      <header className="site-list__head">
        <h3>{t("evidenceKey.originals")} <small>{t(kept ? "evidenceKey.kept" : "evidenceKey.none")}</small></h3>
        {may && (
          <span className="site-list__acts">
            <button type="button" className="button" onClick={() => name(true)} data-testid="evidence-key-name">{t(kept ? "evidenceKey.another" : "evidenceKey.name")}</button>
            {kept && <button type="button" className="button" onClick={() => toEnd(site)} data-testid="evidence-key-end">{t("evidenceKey.end")}</button>}
          </span>
        )}
      </header>
      {may && (
        <div className="site-list__about">
          {kept && <p>{t("evidenceKey.sealedTo")} <code data-testid="evidence-key-id">{site.evidenceKeyId}</code></p>}
          <p>{t("evidenceKey.about")}</p>
        </div>
      )}
      {naming && <EvidenceKeyDialog site={site} onClose={() => name(false)} onSaved={saved} />}
      {ending && (
        <ConfirmDialog
          title={t("evidenceKey.endTitle")}
          body={t("evidenceKey.endBody", { id: ending.evidenceKeyId })}
          request={end}
          onConfirm={send}
          onClose={close}
          yes={t("evidenceKey.end")}
          testId="evidence-key-ending"
          confirmTestId="evidence-key-end-confirm"
        />
      )}
    </section>
  );
}
