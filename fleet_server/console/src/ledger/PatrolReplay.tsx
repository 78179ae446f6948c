import { TriangleAlert } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { usePhotos } from "../api/queries";
import { useMay } from "../api/rights";
import type { Evidence, LedgerPatrol, Point, Site } from "../api/types";
import { Marker } from "../map/Marker";
import { Checkpoints, Docks } from "../map/MapPlaces";
import { MapLine, SiteMap } from "../map/SiteMap";
import { Picture } from "../ui/Picture";
import { clock } from "../ui/timeFormat";
import { lasting } from "./HourBars";
import { useLedgerPatrol } from "./ledgerQueries";
import { placeAt, wayUntil } from "./replay";

/** A patrol played again: where its dog was, what it had seen and photographed until then. */
export function PatrolReplay({ patrolId, site }: { patrolId: string; site: Site }) {
  const account = useLedgerPatrol(patrolId).data;
  const may = useMay();
  if (!account || account.walked.length < 2) return null; // no path was kept: a patrol from before there was a ledger
  return may("look") ? <WithStills account={account} site={site} /> : <Replay account={account} site={site} photos={[]} />;
}

function WithStills({ account, site }: { account: LedgerPatrol; site: Site }) {
  const photos = usePhotos(account.patrol.patrolId).data ?? [];
  return <Replay account={account} site={site} photos={photos} />;
}

function Replay({ account, site, photos }: { account: LedgerPatrol; site: Site; photos: Evidence[] }) {
  const { t } = useTranslation();
  const given = Date.parse(account.givenAt);
  const end = Math.ceil(account.walked.at(-1)!.t);
  const [at, move] = useState(end);
  const way = useMemo(() => wayUntil(account.walked, at), [account, at]);
  const place = placeAt(account.walked, at);
  const charge = account.walked.findLast((point) => point.t <= at)?.charge;
  const photo = photos.filter((each) => (Date.parse(each.capturedAt) - given) / 1000 <= at).sort((a, b) => b.capturedAt.localeCompare(a.capturedAt))[0];
  const planned: Point[] = account.planned;
  const moment = clock(given + at * 1000, site.timezone);
  return (
    <section className="replay" aria-label={t("account.replay")} data-testid="replay">
      <div className="replay__map">
        <SiteMap site={site}>
          <MapLine id="replay-planned" points={planned} dashed />
          <MapLine id="replay-walked" points={way} />
          <Docks site={site} />
          <Checkpoints site={site} />
          {account.incidents.filter((incident) => incident.t <= at).map((incident) => (
            <Marker key={incident.incidentId} at={incident} level={30} anchor="bottom">
              <span className="incident-pin" role="img" aria-label={t("map.incident", { what: t(`incidents.kind.${incident.kind}`, { defaultValue: incident.kind }) })}><TriangleAlert size={15} /></span>
            </Marker>
          ))}
          {place && <Marker at={place} level={40}><span className="replay__dog" data-testid="replay-dog" data-x={place.x.toFixed(2)} data-y={place.y.toFixed(2)} /></Marker>}
        </SiteMap>
      </div>
      <label className="replay__slider">
        <span className="for-ears">{t("account.replay")}</span>
        <input type="range" min={0} max={end} step={1} value={at} onChange={(event) => move(Number(event.target.value))} aria-valuetext={moment} data-testid="replay-slider" />
        <span className="number">{moment}{charge !== undefined && ` · ${Math.round(charge)} %`}</span>
      </label>
      <p className="ledger__hint">
        {t("account.replayHint", { walked: ((account.patrol.walkedM ?? 0) / 1000).toFixed(2), planned: (account.patrol.plannedM / 1000).toFixed(2), time: lasting(account.patrol.seconds), battery: (account.patrol.chargeUsedPct ?? 0).toFixed(0) })}
      </p>
      {photo && (
        <figure className="replay__still">
          <Picture url={photo.contentUrl} alt={t("account.still", { at: clock(photo.capturedAt, site.timezone) })} />
          <figcaption className="number">{clock(photo.capturedAt, site.timezone)}</figcaption>
        </figure>
      )}
    </section>
  );
}
