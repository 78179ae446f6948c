import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { call } from "../api/httpClient";
import { KEYS } from "../api/queries";
import type { Backtest, BacktestBody } from "../api/types";

/** A plan that is being drawn is tried so long after its last change. */
const SETTLED_MS = 500;
const LOOK_AGAIN_MS = 60_000;

export type BacktestDraft = Pick<BacktestBody, "route" | "schedule">;

/** What the plan, changed as `draft` has it, would have seen in a span; what was known stays until the new is there. */
export function useBacktest(siteId: string, span: { since: string; until: string }, draft: BacktestDraft | null = {}) {
  const wanted = JSON.stringify(draft);
  const settled = useSettled(wanted);
  const query = useQuery({
    queryKey: [...KEYS.backtest, siteId, span.since, span.until, settled],
    queryFn: () => call<Backtest>("POST", "/plan/backtest", { siteId, ...span, ...(JSON.parse(settled) as BacktestDraft) }),
    enabled: settled !== "null",
    placeholderData: keepPreviousData,
    staleTime: 0, // incidents come at any time, and two answers that are compared are of the same ones
    refetchInterval: LOOK_AGAIN_MS,
  });
  /** Whether the answer is to this very draft, and not to the one before. */
  return { ...query, current: settled === wanted && !query.isPlaceholderData };
}

/** `value` once it has not changed for a while. */
function useSettled(value: string): string {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => settle(value), SETTLED_MS);
    return () => window.clearTimeout(timer);
  }, [value]);
  return settled;
}
