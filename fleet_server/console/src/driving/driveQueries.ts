import { call } from "../api/httpClient";
import { KEYS, useChange } from "../api/queries";

const deed = (what: string) => () =>
  useChange((dogId: string) => call<void>("POST", `/dogs/${encodeURIComponent(dogId)}/driving/${what}`), KEYS.audit);

export const useTakeHand = deed("take");
export const useTakeOver = deed("take-over");
export const useAskForHand = deed("ask");
export const useGrantHand = deed("grant");
export const useRefuseHand = deed("refuse");
export const useGiveBack = deed("give-back");
