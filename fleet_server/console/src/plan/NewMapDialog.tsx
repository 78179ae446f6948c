import { useState } from "react";
import { useTranslation } from "react-i18next";

import type { MapFiles, Site } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { reasonOf } from "../ui/RequestFailure";
import { useToast } from "../ui/Toast";
import { MapPicker } from "./MapPicker";
import { OriginFields, originOf, typedOrigin } from "./OriginFields";
import { useChangeMap } from "./siteQueries";

/** Another map under all that is drawn on a site. */
export function NewMapDialog({ site, onClose }: { site: Site; onClose: () => void }) {
  const { t } = useTranslation();
  const say = useToast();
  const change = useChangeMap();
  const [opened] = useState(site); // of the version that was looked at: what another saves meanwhile is not replaced
  const [map, take] = useState<MapFiles | null>(null);
  const [typed, type] = useState(typedOrigin(opened.origin));
  const origin = originOf(typed);
  const send = () => map && origin && change.mutate({ siteId: opened.siteId, version: String(opened.version), map: { ...map, origin } }, { onSuccess: (saved) => (onClose(), say(t("sitePlan.saved", { n: saved.version }))) });
  return (
    <Dialog title={t("siteMap.newMap")} onClose={onClose} wide testId="map-dialog">
      <p className="map-picker__why">{t("siteMap.newMapHint")}</p>
      <MapPicker site={opened} onMap={(next) => (take(next), change.reset())} fault={change.isError ? t("plan.refused", { reason: reasonOf(change.error, t("common.noServer")) }) : undefined} />
      <OriginFields typed={typed} onType={type} />
      <footer className="dialog__foot">
        <button type="button" className="button" onClick={onClose}>{t("common.cancel")}</button>
        <button type="button" className="button button--primary" disabled={!map || !origin || change.isPending} onClick={send} data-testid="map-save">
          {change.isPending ? t("common.saving") : t("siteMap.useMap")}
        </button>
      </footer>
    </Dialog>
  );
}
