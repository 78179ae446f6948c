import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { call } from "../api/httpClient";
import type { DogHistory } from "../api/types";
import { stationNow } from "../ui/stationTime";
import { historyQuery, type Look } from "./historySpans";

/** The server keeps a minute when it is over. */
const REFETCH_MS = 60_000;

export const useHistory = (dogId: string, look: Look) =>
  useQuery({
    queryKey: ["history", dogId, look],
    queryFn: () => call<DogHistory>("GET", `/dogs/${encodeURIComponent(dogId)}/history?${historyQuery(look, stationNow())}`),
    placeholderData: (before, query) => (query?.queryKey[1] === dogId ? keepPreviousData(before) : undefined),
    refetchInterval: REFETCH_MS,
  });
