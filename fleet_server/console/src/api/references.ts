import { useQuery } from "@tanstack/react-query";

import { call } from "./httpClient";
import { KEYS, useChange } from "./queries";
import type { Evidence, Reference } from "./types";

const at = (siteId: string) => `/sites/${encodeURIComponent(siteId)}`;
const checkpointAt = (siteId: string, checkpointId: string) => `${at(siteId)}/checkpoints/${encodeURIComponent(checkpointId)}`;

/** How a site's checkpoints should look; undefined until it is known. */
export const useReferences = (siteId: string) => useQuery({ queryKey: [...KEYS.references, siteId], queryFn: () => call<Reference[]>("GET", `${at(siteId)}/references`) });

/** The picture of one checkpoint; undefined: there is none, or it is not known yet. */
export const useReference = (siteId: string, checkpointId: string | null | undefined): Reference | undefined => useReferences(siteId).data?.find((each) => each.checkpointId === checkpointId);

/** What dogs photographed at a checkpoint, newest first. */
export const useCheckpointPhotos = (siteId: string, checkpointId: string) =>
  useQuery({ queryKey: [...KEYS.evidence, "checkpoint", siteId, checkpointId], queryFn: () => call<Evidence[]>("GET", `${checkpointAt(siteId, checkpointId)}/photos`) });

interface Choice {
  siteId: string;
  checkpointId: string;
  /** Null: none. */
  evidenceId: string | null;
}

export const useChooseReference = () =>
  useChange(({ siteId, checkpointId, evidenceId }: Choice) => {
    const path = `${checkpointAt(siteId, checkpointId)}/reference`;
    return evidenceId ? call<unknown>("PUT", path, { evidenceId }) : call<unknown>("DELETE", path);
  }, KEYS.references);
