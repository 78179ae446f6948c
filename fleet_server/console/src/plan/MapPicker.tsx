import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import type { MapCheck, MapFiles, Site } from "../api/types";
import { inWords } from "../api/refusalText";
import { named } from "../i18n";
import { reasonOf } from "../ui/RequestFailure";
import { readMapFiles } from "./mapFiles";
import { itemAt, siteDraftOf } from "./siteDraft";
import { checkMap } from "./siteQueries";

interface Props {
  /** The site that is to get the map; null: a new one. */
  site: Site | null;
  /** The map, once the server has read it and all of the site can be on it; null before. */
  onMap: (map: MapFiles | null) => void;
  /** What the server said when it was to be taken. */
  fault?: string;
}

type Looked = { phase: "none" | "reading" } | { phase: "refused"; reason: string } | { phase: "read"; check: MapCheck };

/** The two files of a map, chosen together, and how the server reads them before anything is saved. */
export function MapPicker({ site, onMap, fault }: Props) {
  const { t } = useTranslation();
  const [looked, look] = useState<Looked>({ phase: "none" });
  const [names, setNames] = useState<string[]>([]);
  const turn = useRef(0);
  const choose = async (files: File[]) => {
    const mine = ++turn.current; // of two choices the later counts
    const still = (then: Looked, map: MapFiles | null = null) => mine === turn.current && (look(then), onMap(map));
    setNames(files.map(({ name }) => name));
    if (files.length === 0) return still({ phase: "none" });
    still({ phase: "reading" });
    try {
      const map = await readMapFiles(files);
      if (typeof map === "string") return still({ phase: "refused", reason: t(`siteMap.missing.${map}`) });
      const check = await checkMap(map, site?.siteId ?? null);
      still({ phase: "read", check }, check.problems.length === 0 ? map : null);
    } catch (error) {
      still({ phase: "refused", reason: reasonOf(error, t("common.noServer")) });
    }
  };
  const refused = looked.phase === "refused" ? looked.reason : fault;
  return (
    <div className="map-picker">
      <div className="map-picker__choose">
        <label className="button">
          <input className="for-ears" type="file" multiple accept=".yaml,.yml,.pgm,.png" onChange={(event) => void choose([...(event.target.files ?? [])])} aria-describedby="map-picker-said" data-testid="map-files" />
          {t("siteMap.files")}
        </label>
        <small>{names.length > 0 ? names.join(" · ") : t("siteMap.filesHint")}</small>
      </div>
      <div id="map-picker-said" role="status">
        {looked.phase === "reading" && <p className="map-picker__wait">{t("siteMap.reading")}</p>}
        {refused && <p className="form-error" role="alert" data-testid="map-refused">{refused}</p>}
        {looked.phase === "read" && <MapPicture check={looked.check} />}
        {looked.phase === "read" && site && looked.check.problems.length > 0 && <MapProblems site={site} check={looked.check} />}
      </div>
    </div>
  );
}

/** The map as dogs will have it; a mark where something of the site cannot be. */
function MapPicture({ check }: { check: MapCheck }) {
  const { t } = useTranslation();
  const { width, height, resolution, origin } = check;
  const across = (metres: number) => metres.toFixed(metres < 100 ? 1 : 0);
  return (
    <figure className="map-picker__figure">
      <div>
        <img src={`data:image/png;base64,${check.picture}`} width={width} height={height} alt={t("siteMap.picture")} data-testid="map-picture" />
        {check.problems.map(({ place }, i) =>
          place ? <i key={i} aria-hidden="true" style={{ left: `${((place.x - origin.x) / (width * resolution)) * 100}%`, bottom: `${((place.y - origin.y) / (height * resolution)) * 100}%` }}>{i + 1}</i> : null,
        )}
      </div>
      <figcaption>
        {t("siteMap.size", { w: across(width * resolution), h: across(height * resolution), cell: resolution })} · {t("siteMap.colours")}
      </figcaption>
    </figure>
  );
}

function MapProblems({ site, check }: { site: Site; check: MapCheck }) {
  const { t } = useTranslation();
  const draft = siteDraftOf(site);
  const nameOf = (pointer: string) => {
    const item = itemAt(draft, pointer);
    return item ? named(draft[item.list].find(({ id }) => id === item.id)!.name) : "";
  };
  return (
    <section className="site-problems map-picker__problems" data-testid="map-problems">
      <h3>{t("siteMap.problems")}</h3>
      <ol>
        {check.problems.map(({ pointer, detail, place }, i) => (
          <li key={i}>
            <span>
              {i + 1}. <b>{nameOf(pointer)}</b> {inWords(detail)}
              {place && <small> (x {place.x.toFixed(1)}, y {place.y.toFixed(1)})</small>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
