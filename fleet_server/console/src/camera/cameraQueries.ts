import { call } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";
import type { CameraView } from "../api/types";

/** Asks a dog to show its camera; what comes back opens the socket once. */
export const useWatch = () =>
  useChange(
    ({ dogId, reason }: { dogId: string; reason: string }) =>
      call<CameraView>("POST", `/dogs/${encodeURIComponent(dogId)}/camera-views`, { reason }),
    KEYS.audit,
  );
