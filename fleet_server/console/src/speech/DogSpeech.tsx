import { Megaphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Dog } from "../api/types";
import { SpeakDialog } from "./SpeakDialog";
import { isSpeaking } from "./speechState";

/** On a dog's card: the way to speak through it, and that it speaks. */
export function DogSpeech({ dog, live, folded }: { dog: Dog; live: boolean; folded: boolean }) {
  const { t } = useTranslation();
  const may = useMay();
  const [open, setOpen] = useState(false);
  return (
    <>
      {may("command") && dog.speaks && !folded && (
        <button type="button" className="button dog-stop__press" disabled={!live} onClick={() => setOpen(true)} aria-label={t("speech.openFor", { dog: dog.dogId })} data-testid={`speak-${dog.dogId}`}>
          <Megaphone size={14} aria-hidden="true" /> {t("speech.open")}
        </button>
      )}
      {live && isSpeaking(dog) && <span className="dog-card__note" data-testid={`speaking-${dog.dogId}`}>{t("speech.state.RUNNING")}</span>}
      {open && <SpeakDialog dog={dog} live={live} onClose={() => setOpen(false)} />}
    </>
  );
}
