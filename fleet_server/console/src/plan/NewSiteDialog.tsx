import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { ApiError } from "../api/httpClient";
import { inWords } from "../api/refusalText";
import type { MapFiles, Site, Text } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { DialogFoot } from "../ui/DialogFoot";
import { reasonOf } from "../ui/RequestFailure";
import { useToast } from "../ui/Toast";
import { idOf } from "./mapFiles";
import { MapPicker } from "./MapPicker";
import { NameFields } from "./NameFields";
import { OriginFields, originOf, type TypedOrigin } from "./OriginFields";
import { useCreateSite } from "./siteQueries";

interface Props {
  onClose: () => void;
  onMade: (site: Site) => void;
}

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A site from its map alone; what is on it is drawn in the editor then. */
export function NewSiteDialog({ onClose, onMade }: Props) {
  const { t } = useTranslation();
  const say = useToast();
  const create = useCreateSite();
  const [name, setName] = useState<Text>({ zh: "", en: "" });
  const [id, setId] = useState<string | null>(null); // null: of the name
  const [timezone, setTimezone] = useState(HERE);
  const [typed, type] = useState<TypedOrigin>({ latitudeDeg: "", longitudeDeg: "", headingDeg: "0" });
  const [map, take] = useState<MapFiles | null>(null);
  const siteId = id ?? idOf(name);
  const origin = originOf(typed);
  const ready = siteId.trim() !== "" && timezone.trim() !== "" && (name.zh.trim() || name.en.trim()) && origin && map;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!ready) return;
    const zh = name.zh.trim() || name.en.trim();
    create.mutate({ siteId: siteId.trim(), name: { zh, en: name.en.trim() || zh }, timezone: timezone.trim(), origin: origin!, map: map! }, { onSuccess: (site) => (onClose(), say(t("siteMap.made")), onMade(site)) });
  };
  const { at, rest } = faultsOf(create.error);
  const fault = (field: string) => (at(field) ? <small className="form-error" role="alert">{inWords(at(field)!)}</small> : null);
  return (
    <Dialog title={t("siteMap.newSite")} onClose={onClose} wide testId="site-dialog">
      <form className="new-site" onSubmit={submit} onChange={() => create.isError && create.reset()}>
        <p className="map-picker__why">{t("siteMap.newSiteHint")}</p>
        <MapPicker site={null} onMap={take} fault={at("map") && inWords(at("map")!)} />
        <div className="field-pair">
          <NameFields name={name} onChange={setName} />
        </div>
        {fault("name")}
        <div className="field-pair">
          <label className="field">
            <span>{t("siteMap.siteId")}</span>
            <input value={siteId} required maxLength={64} spellCheck={false} autoComplete="off" onChange={(event) => setId(event.target.value)} data-testid="site-id" />
            {fault("siteId") ?? <small>{t("siteMap.siteIdHint")}</small>}
          </label>
          <label className="field">
            <span>{t("siteMap.timezone")}</span>
            <input value={timezone} required maxLength={64} spellCheck={false} list="time-zones" autoComplete="off" onChange={(event) => setTimezone(event.target.value)} data-testid="site-timezone" />
            <datalist id="time-zones">{Intl.supportedValuesOf("timeZone").map((zone) => <option key={zone} value={zone} />)}</datalist>
            {fault("timezone") ?? <small>{t("siteMap.timezoneHint")}</small>}
          </label>
        </div>
        <OriginFields typed={typed} onType={type} fault={fault("origin")} />
        <p className="form-error" role="alert">{rest && t("plan.refused", { reason: reasonOf(create.error, t("common.noServer")) })}</p>
        <DialogFoot onClose={onClose} disabled={!ready} pending={create.isPending} yes={t("siteMap.make")} testId="site-create" />
      </form>
    </Dialog>
  );
}

const FIELDS = ["siteId", "timezone", "origin", "map", "name"];

/** What the server said of which field; `rest`: it said something else. */
function faultsOf(error: unknown): { at: (field: string) => string | undefined; rest: boolean } {
  const taken = error instanceof ApiError && error.status === 409 ? [{ pointer: "/siteId", detail: error.message }] : [];
  const faults = error instanceof ApiError ? [...taken, ...error.faults] : [];
  const at = (field: string) => faults.find(({ pointer }) => pointer.split("/")[1] === field)?.detail;
  return { at, rest: Boolean(error) && !FIELDS.some(at) };
}
