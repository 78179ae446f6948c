import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";

import { chime } from "../live/incidentSound";
import { stationNow } from "../ui/stationTime";
import { LiveLink, type LiveMessage, type LiveStatus } from "./liveSocket";
import { laidOver, newestFirst, upsert } from "./listMerge";
import { KEYS } from "./queries";
import type { Call, Dog, Incident, Patrol, Recall } from "./types";

interface Live {
  link: LiveLink;
  /** Incidents that came in while this page was open and were not looked at yet. */
  arrivals: ReadonlySet<string>;
  look: (incidentId: string) => void;
}

const LiveContext = createContext<Live | null>(null);
/** An ended patrol stays on the live view for this long. */
const ENDED_STAYS_MS = 120_000;

/** What of a dog changes as it walks. */
type DogPlace = Pick<Dog, "dogId" | "position" | "velocity" | "lastSeen">;

interface Snapshot {
  dogs: Dog[];
  patrols: Patrol[];
  incidents: Incident[];
  calls: Call[];
  recalls: Recall[];
}

/** Keeps the server's live state in the query cache; everything below reads it from there. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [arrivals, setArrivals] = useState<ReadonlySet<string>>(new Set());
  const [link] = useState(
    () =>
      new LiveLink(
        (message) => take(client, message, (id) => setArrivals((known) => new Set(known).add(id))),
        () => void client.invalidateQueries({ queryKey: KEYS.session }),
      ),
  );
  useEffect(() => {
    link.start();
    return () => link.stop();
  }, [link]);
  const look = (id: string) =>
    setArrivals((known) => (known.has(id) ? new Set([...known].filter((other) => other !== id)) : known));
  return <LiveContext.Provider value={{ link, arrivals, look }}>{children}</LiveContext.Provider>;
}

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error("useLive stands inside LiveProvider");
  return live;
}

export function useLiveStatus(): LiveStatus {
  const { link } = useLive();
  return useSyncExternalStore(link.subscribe, link.current);
}

function take(client: QueryClient, { type, data }: LiveMessage, arrive: (incidentId: string) => void): void {
  switch (type) {
    case "snapshot":
      takeSnapshot(client, data as Snapshot);
      break;
    case "dogs":
      client.setQueryData<Dog[]>(KEYS.liveDogs, (old) => withDogs(old, data as Dog[]));
      break;
    case "places":
      client.setQueryData<Dog[]>(KEYS.liveDogs, (old) => old && laidOver(old, data as DogPlace[], (dog) => dog.dogId));
      break;
    case "patrol":
      client.setQueryData<Patrol[]>(KEYS.livePatrols, (old) => stillShown(upsert(old, [data as Patrol], (p) => p.patrolId)));
      void client.invalidateQueries({ queryKey: KEYS.patrols });
      break;
    case "incident":
      takeIncident(client, data as Incident, arrive);
      break;
    case "call":
      client.setQueryData<Call[]>(KEYS.liveCalls, (old) => upsert(old, [data as Call], (c) => c.callId));
      break;
    case "recall":
      client.setQueryData<Recall[]>(KEYS.liveRecalls, (old) => upsert(old, [data as Recall], (r) => r.recallId).filter((r) => r.releasedAt === null));
      break;
    case "evidence":
      void client.invalidateQueries({ queryKey: KEYS.evidence });
      void client.invalidateQueries({ queryKey: KEYS.incidents });
      break;
    case "route":
      void client.invalidateQueries({ queryKey: KEYS.routes });
      break;
    case "schedule":
      for (const queryKey of [KEYS.schedules, KEYS.calendar]) void client.invalidateQueries({ queryKey });
      break;
    case "accounts":
    case "identities":
      for (const queryKey of [[type], KEYS.audit]) void client.invalidateQueries({ queryKey });
      break;
    case "site":
      void client.invalidateQueries({ queryKey: KEYS.sites });
      break;
  }
}

function takeSnapshot(client: QueryClient, { dogs, patrols, incidents, calls, recalls }: Snapshot): void {
  client.setQueryData<Dog[]>(KEYS.liveDogs, byName(dogs));
  client.setQueryData<Patrol[]>(KEYS.livePatrols, patrols);
  client.setQueryData<Incident[]>(KEYS.liveIncidents, sorted(incidents));
  client.setQueryData<Call[]>(KEYS.liveCalls, calls);
  client.setQueryData<Recall[]>(KEYS.liveRecalls, recalls);
  for (const queryKey of [KEYS.patrols, KEYS.incidents, KEYS.routes, KEYS.evidence]) void client.invalidateQueries({ queryKey });
}

function takeIncident(client: QueryClient, incident: Incident, arrive: (id: string) => void): void {
  const known = client.getQueryData<Incident[]>(KEYS.liveIncidents) ?? [];
  const fresh = incident.status === "OPEN" && !known.some((other) => other.incidentId === incident.incidentId);
  client.setQueryData<Incident[]>(
    KEYS.liveIncidents,
    sorted(upsert(known, [incident], (i) => i.incidentId)).filter((i) => i.status === "OPEN"),
  );
  if (fresh) {
    arrive(incident.incidentId);
    chime();
  }
  void client.invalidateQueries({ queryKey: KEYS.incidents });
}

const names = new Intl.Collator(undefined, { numeric: true });
const byName = (dogs: Dog[]) => [...dogs].sort((a, b) => names.compare(a.dogId, b.dogId));
/** Those that are known stand in their order already. */
const withDogs = (old: Dog[] | undefined, changed: Dog[]) => {
  const all = upsert(old, changed, (dog) => dog.dogId);
  return all.length === old?.length ? all : byName(all);
};
/** What may cost a life stands first, then the newest. */
const sorted = (incidents: Incident[]) => {
  const newest = newestFirst(incidents, (i) => i.observedAt);
  return [...newest.filter((i) => i.severity === "HIGH"), ...newest.filter((i) => i.severity !== "HIGH")];
};
const stillShown = (patrols: Patrol[]) =>
  patrols.filter((p) => p.endedAt === null || stationNow() - Date.parse(p.endedAt) < ENDED_STAYS_MS);
