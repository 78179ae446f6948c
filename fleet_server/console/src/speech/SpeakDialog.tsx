import { CircleAlert, CircleCheck, Volume2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { useSites } from "../api/queries";
import type { Dog } from "../api/types";
import { Dialog } from "../ui/Dialog";
import { reasonOf } from "../ui/RequestFailure";
import { stationNow } from "../ui/stationTime";
import { useNow } from "../ui/useNow";
import { LONGEST_SENTENCE, type SpokenLanguage, useSpeak } from "./speechQueries";
import { speechState } from "./speechState";

const LANGUAGES: SpokenLanguage[] = ["zh", "en"];
const USUAL = ["keepBack", "makeWay", "leave", "help", "recorded"] as const;

/** A sentence of the list at a press, the site's own first, or one's own; it stays open to say how it went, and for the next one. */
export function SpeakDialog({ dog, live, onClose }: { dog: Dog; live: boolean; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const [language, setLanguage] = useState<SpokenLanguage>(i18n.language.startsWith("zh") ? "zh" : "en");
  const [text, setText] = useState("");
  const [sent, setSent] = useState<{ id: string; text: string; at: number }>();
  const speak = useSpeak();
  const inLanguage = i18n.getFixedT(language); // as it is spoken, whatever the page is read in
  const say = (words: string, after?: () => void) =>
    speak.mutate({ dogId: dog.dogId, text: words, language }, { onSuccess: ({ sentenceId }) => (setSent({ id: sentenceId, text: words, at: stationNow() }), after?.()) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    say(text.trim(), () => setText(""));
  };
  const site = useSites().data?.find((each) => each.map.mapId === dog.position?.mapId);
  const ofSite = (site?.sentences ?? []).map((each) => each[language]).filter((words) => words != null);
  const closed = speak.isPending || !live;
  return (
    <Dialog title={t("speech.title", { dog: dog.dogId })} onClose={onClose} testId="speak-dialog">
      <form onSubmit={submit} className="speech">
        <p>{t("speech.body")}</p>
        <div className="speech__languages" role="group" aria-label={t("speech.language")}>
          {LANGUAGES.map((each) => (
            <button key={each} type="button" className="chip" aria-pressed={language === each} onClick={() => setLanguage(each)} data-testid={`speak-in-${each}`}>
              {t(`speech.languages.${each}`)}
            </button>
          ))}
        </div>
        <div className="speech__usual" lang={language}>
          {ofSite.map((words, i) => (
            <button key={i} type="button" className="button" disabled={closed} onClick={() => say(words)} data-testid={`speak-of-site-${i + 1}`}>
              {words}
            </button>
          ))}
          {USUAL.map((each) => (
            <button key={each} type="button" className="button" disabled={closed} onClick={() => say(inLanguage(`speech.usual.${each}`))} data-testid={`speak-${each}`}>
              {inLanguage(`speech.usual.${each}`)}
            </button>
          ))}
        </div>
        <label className="field">
          <span>{t("speech.own")}</span>
          <input value={text} maxLength={LONGEST_SENTENCE} lang={language} autoComplete="off" onChange={(event) => setText(event.target.value)} data-focus data-testid="speak-text" />
        </label>
        {speak.isError && <p className="form-error" role="alert">{t("plan.refused", { reason: reasonOf(speak.error, t("common.noServer")) })}</p>}
        {!live && <p className="form-error" role="alert">{t("refusal.notLive", { dog: dog.dogId })}</p>}
        {sent && <Saying dog={dog} sent={sent} />}
        <footer className="dialog__foot">
          <button type="button" className="button" onClick={onClose}>{t("common.close")}</button>
          <button type="submit" className="button button--primary" disabled={closed || text.trim() === ""} data-testid="speak-submit">{t("speech.say")}</button>
        </footer>
      </form>
    </Dialog>
  );
}

function Saying({ dog, sent }: { dog: Dog; sent: { id: string; text: string; at: number } }) {
  const { t } = useTranslation();
  const { key, detail, good } = speechState(dog, sent.id, useNow(1000) - sent.at);
  const Sign = good === undefined ? Volume2 : good ? CircleCheck : CircleAlert;
  return (
    <p className={`speech__state${good === false ? " is-bad" : ""}`} role="status" data-testid="speak-state" data-state={key}>
      <Sign size={15} aria-hidden="true" />
      <span>
        {t("speech.quoted", { text: sent.text })} <strong>{t(`speech.state.${key}`)}</strong> {detail && <small>{detail}</small>}
      </span>
    </p>
  );
}
