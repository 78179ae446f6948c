import i18next from "i18next";

import { inWords } from "../api/refusalText";
import type { ComingRound } from "../api/types";

/** Why a round waits or was missed: what each dog was refused for, in the operator's language. */
export const roundReason = (reason: string): string => reason.split("; ").map(inWords).join(i18next.t("schedules.reasonBreak"));

/** Why a round to come will find no dog. */
export function conflictReason({ conflict, reason }: ComingRound): string {
  const battery = /^(?<dog>.+) would come back with (?<left>-?\d+) %, below its reserve of (?<reserve>\d+) %/.exec(reason ?? "");
  return i18next.t(`schedules.conflict.${conflict}`, { defaultValue: reason ?? "", ...battery?.groups });
}
