import { SignalHigh, SignalLow, Unplug } from "lucide-react";
import { useTranslation } from "react-i18next";

import type { Dog } from "../api/types";

const SIGN = { GOOD: SignalHigh, WEAK: SignalLow, LOST: Unplug } as const;

/** How well the station hears a dog, by a sign with words. */
export function LinkSign({ dog: { dogId, linkQuality, longestSilenceS } }: { dog: Dog }) {
  const { t } = useTranslation();
  const Sign = SIGN[linkQuality];
  return (
    <span className={`link-sign link-sign--${linkQuality.toLowerCase()}`} title={t(`dogs.link.hint.${linkQuality}`)} data-testid={`dog-link-${dogId}`} data-quality={linkQuality}>
      <Sign size={14} aria-hidden="true" />
      {t(`dogs.link.${linkQuality}`, { s: longestSilenceS ?? 0 })}
    </span>
  );
}
