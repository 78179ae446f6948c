import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";

import { chime } from "../live/alarmSound";
import { callingOf, keptUnseen } from "../live/unseenIncidents";
import { waitsForAPerson } from "../map/dogState";
import { DogTrails } from "../map/dogTrails";
import { stationNow } from "../ui/stationTime";
import { LiveLink, type LiveMessage, type LiveStatus } from "./liveSocket";
import { laidOver, newestFirst, upsert } from "./listMerge";
import { KEYS } from "./queries";
import type { Call, Dog, Incident, Patrol, Recall } from "./types";

interface Live {
  link: LiveLink;
  /** Incidents that came in, or were escalated, while this page was open and were not looked at yet. */
  arrivals: ReadonlySet<string>;
  look: (incidentId: string) => void;
  /** Where dogs have walked, whichever view is open. */
  trails: DogTrails;
}

const LiveContext = createContext<Live | null>(null);
/** The browser keeps trails for the tab. */
const TRAILS = "xiaotian.trails";
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
  const [trails] = useState(keptTrails);
  const [link] = useState(
    () =>
      new LiveLink(
        (message) => {
          for (const dog of dogsOf(message)) trails.take(dog, stationNow());
          take(client, message, (ids) => setArrivals((known) => new Set([...known, ...ids])));
        },
        () => void client.invalidateQueries({ queryKey: KEYS.session }),
      ),
  );
  useEffect(() => {
    link.start();
    return () => link.stop();
  }, [link]);
  useEffect(() => {
    const keep = () => keepTrails(trails);
    window.addEventListener("pagehide", keep);
    return () => window.removeEventListener("pagehide", keep);
  }, [trails]);
  const look = (id: string) =>
    setArrivals((known) => (known.has(id) ? new Set([...known].filter((other) => other !== id)) : known));
  return <LiveContext.Provider value={{ link, arrivals, look, trails }}>{children}</LiveContext.Provider>;
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

/** Whose place a message may tell. */
function dogsOf({ type, data }: LiveMessage): Pick<Dog, "dogId" | "position">[] {
  if (type === "snapshot") return (data as Snapshot).dogs;
  return type === "dogs" || type === "places" ? (data as DogPlace[]) : [];
}

function keptTrails(): DogTrails {
  const trails = new DogTrails();
  const kept = sessionStorage.getItem(TRAILS);
  if (kept !== null) trails.restore(kept);
  return trails;
}

function keepTrails(trails: DogTrails): void {
  try {
    sessionStorage.setItem(TRAILS, trails.kept(stationNow()));
  } catch {
    sessionStorage.removeItem(TRAILS); // of very many dogs there is no room for it, and they make new ones
  }
}

function take(client: QueryClient, { type, data }: LiveMessage, arrive: (ids: string[]) => void): void {
  switch (type) {
    case "snapshot":
      takeSnapshot(client, data as Snapshot, arrive);
      break;
    case "dogs":
      if (needsAPerson(client.getQueryData<Dog[]>(KEYS.liveDogs), data as Dog[])) chime();
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

function takeSnapshot(client: QueryClient, { dogs, patrols, incidents, calls, recalls }: Snapshot, arrive: (ids: string[]) => void): void {
  takeIncidents(client, incidents, arrive);
  client.setQueryData<Dog[]>(KEYS.liveDogs, byName(dogs));
  client.setQueryData<Patrol[]>(KEYS.livePatrols, patrols);
  client.setQueryData<Call[]>(KEYS.liveCalls, calls);
  client.setQueryData<Recall[]>(KEYS.liveRecalls, recalls);
  for (const queryKey of [KEYS.patrols, KEYS.incidents, KEYS.routes, KEYS.evidence]) void client.invalidateQueries({ queryKey });
}

function takeIncident(client: QueryClient, incident: Incident, arrive: (ids: string[]) => void): void {
  const known = client.getQueryData<Incident[]>(KEYS.liveIncidents) ?? [];
  takeIncidents(client, upsert(known, [incident], (i) => i.incidentId), arrive);
  void client.invalidateQueries({ queryKey: KEYS.incidents });
}

/** Those that are open now; what is new among them, also after the link was broken or the page was loaded anew, is an alarm. */
function takeIncidents(client: QueryClient, now: Incident[], arrive: (ids: string[]) => void): void {
  const open = sorted(now.filter((incident) => incident.status === "OPEN"));
  const calling = callingOf(open, client.getQueryData<Incident[]>(KEYS.liveIncidents), keptUnseen());
  client.setQueryData<Incident[]>(KEYS.liveIncidents, open);
  if (calling.length === 0) return;
  arrive(calling);
  chime();
}

/** A dog has come to where it waits for somebody, such as one that fell. */
function needsAPerson(before: Dog[] | undefined, changed: Dog[]): boolean {
  return changed.some((dog) => waitsForAPerson(dog) && before?.some((old) => old.dogId === dog.dogId && !waitsForAPerson(old)));
}

const names = new Intl.Collator(undefined, { numeric: true });
const byName = (dogs: Dog[]) => [...dogs].sort((a, b) => names.compare(a.dogId, b.dogId));
/** Those that are known stand in their order already. */
const withDogs = (old: Dog[] | undefined, changed: Dog[]) => {
  const all = upsert(old, changed, (dog) => dog.dogId);
  return all.length === old?.length ? all : byName(all);
};
/** What may cost a life stands first, then what nobody acknowledged in time, then the newest. */
const sorted = (incidents: Incident[]) => {
  const newest = newestFirst(incidents, (i) => i.observedAt);
  const rank = ({ severity, escalatedAt }: Incident) => (severity === "HIGH" ? 0 : escalatedAt ? 1 : 2);
  return [0, 1, 2].flatMap((each) => newest.filter((incident) => rank(incident) === each));
};
const stillShown = (patrols: Patrol[]) =>
  patrols.filter((p) => p.endedAt === null || stationNow() - Date.parse(p.endedAt) < ENDED_STAYS_MS);
