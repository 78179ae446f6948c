import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { call, isChanged } from "./httpClient";
import type { AuditEntry, AuditVerification, Dog, Evidence, Incident, Patrol, Route, RouteBody, Session, Site, StopAnswer, TimelineEntry } from "./types";

/** The keys under which things are known; `live` ones are written by the WebSocket and never fetched. */
export const KEYS = {
  session: ["session"],
  signInMethods: ["signInMethods"],
  sites: ["sites"],
  routes: ["routes"],
  liveDogs: ["live", "dogs"],
  livePatrols: ["live", "patrols"],
  liveIncidents: ["live", "incidents"],
  liveCalls: ["live", "calls"],
  liveRecalls: ["live", "recalls"],
  patrols: ["patrols"],
  incidents: ["incidents"],
  samePlace: ["same-place"],
  evidence: ["evidence"],
  references: ["references"],
  audit: ["audit"],
  schedules: ["schedules"],
  calendar: ["calendar"],
  backtest: ["backtest"],
} as const;

/** A page that was opened while the server was away asks again so often. */
const AGAIN_MS = 4_000;

export const useSession = () =>
  useQuery({ queryKey: KEYS.session, queryFn: () => call<Session | null>("GET", "/session"), retry: false, staleTime: Infinity, refetchInterval: (query) => (query.state.status === "error" ? AGAIN_MS : false) });

export const useSites = () => useQuery({ queryKey: KEYS.sites, queryFn: () => call<Site[]>("GET", "/sites") });

export const useRoutes = () => useQuery({ queryKey: KEYS.routes, queryFn: () => call<Route[]>("GET", "/routes") });

export function useLive<T>(key: readonly string[]) {
  return useQuery<T[]>({ queryKey: key, enabled: false, staleTime: Infinity, gcTime: Infinity });
}
export const useDogs = () => useLive<Dog>(KEYS.liveDogs);
export const useActivePatrols = () => useLive<Patrol>(KEYS.livePatrols);
export const useOpenIncidents = () => useLive<Incident>(KEYS.liveIncidents);

export const usePatrols = () =>
  useQuery({ queryKey: KEYS.patrols, queryFn: () => call<Patrol[]>("GET", "/patrols") });

export const useIncidents = (status: "" | Incident["status"]) =>
  useQuery({
    queryKey: [...KEYS.incidents, status],
    queryFn: () => call<Incident[]>("GET", `/incidents${status ? `?status=${status}` : ""}`),
  });

/** What was alike at the same place in the week before. */
export const useSamePlace = (incidentId: string) =>
  useQuery({
    queryKey: [...KEYS.samePlace, incidentId],
    queryFn: () => call<Incident[]>("GET", `/incidents/${encodeURIComponent(incidentId)}/same-place`),
  });

const AUDIT_PAGE = 200;

/** The audit log, newest first, a page at a time: entries with all the words, and of one deed, where either is asked for. */
export const useAudit = (words: string, deed: string) =>
  useInfiniteQuery({
    queryKey: [...KEYS.audit, words, deed],
    queryFn: ({ pageParam }) => {
      const asked = new URLSearchParams({ limit: String(AUDIT_PAGE) });
      if (words) asked.set("words", words);
      if (deed) asked.set("action", deed);
      if (pageParam !== null) asked.set("before", String(pageParam));
      return call<AuditEntry[]>("GET", `/audit?${asked}`);
    },
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.length < AUDIT_PAGE ? undefined : last.at(-1)!.id),
  });

export const useAuditVerification = () =>
  useQuery({ queryKey: [...KEYS.audit, "verification"], queryFn: () => call<AuditVerification>("GET", "/audit/verification") });

export const usePhotos = (patrolId: string) =>
  useQuery({
    queryKey: [...KEYS.evidence, patrolId],
    queryFn: () => call<Evidence[]>("GET", `/evidence?patrolId=${encodeURIComponent(patrolId)}`),
  });

/** A mutation after which the lists under `stale` are fetched anew. */
export function useChange<In, Out>(run: (input: In) => Promise<Out>, ...stale: (readonly string[])[]) {
  const client = useQueryClient();
  const renew = async () => {
    await Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey })));
  };
  return useMutation({
    mutationFn: run,
    onSuccess: () => renew(),
    onError: (error) => (isChanged(error) ? renew() : undefined),
  });
}

export const useSaveRoute = () =>
  useChange(
    ({ routeId, version, route }: { routeId: string | null; version: string | null; route: RouteBody }) =>
      routeId === null
        ? call<Route>("POST", "/routes", route, { once: true })
        : call<Route>("PUT", `/routes/${encodeURIComponent(routeId)}`, route, { version }),
    KEYS.routes,
    KEYS.backtest,
  );

export const useDeleteRoute = () =>
  useChange(({ routeId, version }: Route) => call<void>("DELETE", `/routes/${encodeURIComponent(routeId)}`, undefined, { version }), KEYS.routes, KEYS.backtest);

/** A route as it is now, whoever has saved it. */
export const routeNow = (routeId: string) => call<Route>("GET", `/routes/${encodeURIComponent(routeId)}`);

export const useAssign = () =>
  useChange((order: { routeId: string; dogId: string }) => call<Patrol>("POST", "/patrols", order, { once: true }), KEYS.patrols);

export const useCancelPatrol = () =>
  useChange((patrolId: string) => call<void>("POST", `/patrols/${encodeURIComponent(patrolId)}/cancel`), KEYS.patrols);

/** What dogs saw of it, and what people and the server did, oldest first. */
export const useTimeline = (incidentId: string) =>
  useQuery({
    queryKey: [...KEYS.incidents, "timeline", incidentId],
    queryFn: () => call<TimelineEntry[]>("GET", `/incidents/${encodeURIComponent(incidentId)}/timeline`),
  });

const tellDog = (what: string) => () =>
  useChange((dogId: string) => call<void>("POST", `/dogs/${encodeURIComponent(dogId)}/${what}`), KEYS.audit);
export const useClearFall = tellDog("clear-fall");
export const useStopDog = tellDog("emergency-stop");
export const useReleaseDog = tellDog("release-emergency-stop");
export const useStopAllDogs = () => useChange(() => call<StopAnswer[]>("POST", "/emergency-stop"), KEYS.audit);
