import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { call } from "../api/httpClient";
import type { Coverage, LedgerPatrol, LedgerSummary, Shift } from "../api/types";
import type { Span } from "./ledgerSpan";

const REFETCH_MS = 60_000;

export const useShifts = (siteId: string) =>
  useQuery({ queryKey: ["ledger", "shifts", siteId], queryFn: () => call<Shift[]>("GET", `/ledger/shifts?${new URLSearchParams({ siteId })}`), refetchInterval: REFETCH_MS });

function useOfSpan<T>(what: string, siteId: string, span: Span | null) {
  return useQuery({
    queryKey: ["ledger", what, siteId, span?.since, span?.until],
    queryFn: () => call<T>("GET", `/ledger/${what}?${new URLSearchParams({ siteId, ...span! })}`),
    enabled: span !== null,
    placeholderData: keepPreviousData,
    refetchInterval: REFETCH_MS,
  });
}
export const useSummary = (siteId: string, span: Span | null) => useOfSpan<LedgerSummary>("summary", siteId, span);
export const useCoverage = (siteId: string, span: Span | null) => useOfSpan<Coverage>("coverage", siteId, span);

export const useLedgerPatrol = (patrolId: string) =>
  useQuery({ queryKey: ["ledger", "patrol", patrolId], queryFn: () => call<LedgerPatrol>("GET", `/ledger/patrols/${encodeURIComponent(patrolId)}`), retry: false });
