import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { call, UPLOAD_PATIENCE_MS } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";
import type { MapCheck, MapFiles, NewSite, Origin, Point, Site } from "../api/types";
import { type Item, itemAt, sentenceAt, type SiteDraft, type SiteEdit, siteEditOf } from "./siteDraft";

export interface SiteProblem {
  detail: string;
  place: Point | null;
  /** What it is about; null: the site as a whole, or a sentence. */
  item: Item | null;
  /** From 1. */
  sentence: number | null;
}

export interface SiteVersion {
  version: number;
  changedAt: string;
  changedBy: string;
  source: "folder" | "console";
  zones: number;
  checkpoints: number;
  docks: number;
  sentences: number;
}

const at = (siteId: string) => `/sites/${encodeURIComponent(siteId)}`;
const VERSIONS = [...KEYS.sites, "versions"];
/** The hand has rested: only then is the draft sent to be checked. */
const REST_MS = 500;

export const useSaveSite = () =>
  useChange(({ siteId, version, edit }: { siteId: string; version: string; edit: SiteEdit }) => call<Site>("PUT", at(siteId), edit, { version }), KEYS.sites, KEYS.backtest);

export const useCreateSite = () => useChange((site: NewSite) => call<Site>("POST", "/sites", site, { once: true, patienceMs: UPLOAD_PATIENCE_MS }), KEYS.sites);

export const useChangeMap = () =>
  useChange(
    ({ siteId, version, map }: { siteId: string; version: string; map: MapFiles & { origin: Origin } }) => call<Site>("PUT", `${at(siteId)}/map`, map, { version, patienceMs: UPLOAD_PATIENCE_MS }),
    KEYS.sites,
    KEYS.backtest,
  );

/** To which key dogs seal originals; null: none is kept. */
export const useNameEvidenceKey = () =>
  useChange(({ siteId, version, evidenceKey }: { siteId: string; version: string; evidenceKey: string | null }) => call<Site>("PUT", `${at(siteId)}/evidence-key`, { evidenceKey }, { version }), KEYS.sites, KEYS.audit);

/** The site as a version had it, whole: with its map and where that lay. */
export const useRestoreSite = () =>
  useChange(({ siteId, version, to }: { siteId: string; version: string; to: number }) => call<Site>("POST", `${at(siteId)}/versions/${to}/restore`, undefined, { version }), KEYS.sites, KEYS.backtest);

/** How the server reads a map, and what of a site could not be on it; nothing is stored. */
export const checkMap = (map: MapFiles, siteId: string | null) => call<MapCheck>("POST", "/maps/check", { map, siteId }, { patienceMs: UPLOAD_PATIENCE_MS });

/** A site as it is now, whoever has saved it. */
export const siteNow = (siteId: string) => call<Site>("GET", at(siteId));

export const siteOfVersion = (siteId: string, version: number) => call<Site>("GET", `${at(siteId)}/versions/${version}`);

export const useSiteVersions = (siteId: string) => useQuery({ queryKey: [...VERSIONS, siteId], queryFn: () => call<SiteVersion[]>("GET", `${at(siteId)}/versions`) });

/** A dog takes a new version within seconds, and says so in its state. */
const LOOK_AGAIN_MS = 5_000;

/** The dogs on a site, with the version that each says it has; null where it says none. */
export const useSiteDogs = (siteId: string) =>
  useQuery({ queryKey: [...KEYS.sites, "dogs", siteId], queryFn: () => call<{ dogId: string; siteVersion: number | null }[]>("GET", `${at(siteId)}/dogs`), refetchInterval: LOOK_AGAIN_MS });

/** What the server finds wrong with a draft; nothing is stored. `current` is false while the draft is ahead of the answer. */
export function useSiteProblems(siteId: string, draft: SiteDraft | null) {
  const [rested, rest] = useState(draft);
  useEffect(() => {
    const timer = setTimeout(() => rest(draft), REST_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  const edit = rested && siteEditOf(rested);
  const checked = useQuery({
    queryKey: ["site-check", siteId, edit],
    enabled: rested !== null,
    gcTime: 60_000,
    staleTime: 10_000,
    retry: false,
    placeholderData: (before: SiteProblem[] | undefined) => before,
    queryFn: async () => {
      const { problems } = await call<{ problems: { pointer: string; detail: string; place?: Point | null }[] }>("POST", `${at(siteId)}/check`, edit);
      return problems.map(({ pointer, detail, place }): SiteProblem => ({ detail, place: place ?? null, item: itemAt(rested!, pointer), sentence: sentenceAt(pointer) }));
    },
  });
  return { problems: draft ? (checked.data ?? []) : [], error: draft ? checked.error : null, current: draft === rested && !checked.isFetching };
}
