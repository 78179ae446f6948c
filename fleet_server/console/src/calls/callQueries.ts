import { useQuery } from "@tanstack/react-query";

import { call } from "../api/httpClient";
import { KEYS, useChange, useLive } from "../api/queries";
import type { Call, CallBody, Candidates, Point, Recall } from "../api/types";

const at = encodeURIComponent;

export const useCalls = () => useLive<Call>(KEYS.liveCalls);
export const useRecalls = () => useLive<Recall>(KEYS.liveRecalls);

/** Who could go there, as things stand now. */
export const useCandidates = (siteId: string, { x, y }: Point) =>
  useQuery({
    queryKey: ["candidates", siteId, x, y],
    queryFn: () => call<Candidates>("GET", `/sites/${at(siteId)}/candidates?x=${x}&y=${y}`),
    refetchInterval: 5_000,
  });

type Wanted = Pick<CallBody, "siteId" | "x" | "y" | "reason" | "nearest"> & { dogId: string | null };
export const useAskCall = () => useChange((wanted: Wanted) => call<Call>("POST", "/calls", wanted, { once: true }), KEYS.patrols, KEYS.audit);
export const useCancelCall = () => useChange((callId: string) => call<Call>("POST", `/calls/${at(callId)}/cancel`), KEYS.patrols, KEYS.audit);
export const useGoHome = () => useChange((dogId: string) => call<Call>("POST", `/dogs/${at(dogId)}/go-home`, undefined, { once: true }), KEYS.patrols, KEYS.audit);

export const useRecallSite = () =>
  useChange(({ siteId, rounds }: { siteId: string; rounds: "end" | "keep" }) => call<Recall>("POST", `/sites/${at(siteId)}/recall`, { rounds }, { once: true }), KEYS.patrols, KEYS.audit);
export const useReleaseSite = () =>
  useChange((siteId: string) => call<Recall>("POST", `/sites/${at(siteId)}/release-recall`), KEYS.patrols, KEYS.audit);

/** Whether nothing more will come of it. */
export const isOver = (made: Call): boolean => made.endedAt !== null;
