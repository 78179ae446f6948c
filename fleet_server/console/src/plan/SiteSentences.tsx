import { ArrowDown, ArrowUp, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";

import { LONGEST_SENTENCE } from "../speech/speechQueries";
import { addSentence, changeSentence, type DraftSentence, MOST_SENTENCES, moveSentence, removeSentence, type SiteDraft } from "./siteDraft";
import type { ChangeDraft } from "./SiteList";

interface Props {
  draft: SiteDraft;
  /** Null: they are only looked at. */
  change: ChangeDraft | null;
}

/** What a site's operators have dogs say there; offered before the usual sentences, in this order. */
export function SiteSentences({ draft, change }: Props) {
  const { t } = useTranslation();
  const { sentences } = draft;
  return (
    <section className="site-list" aria-label={t("sitePlan.sentences")} data-testid="site-sentences">
      <header className="site-list__head">
        <h3>{t("sitePlan.sentences")} <small>{sentences.length}</small></h3>
        {change && (
          <button type="button" className="button" disabled={sentences.length >= MOST_SENTENCES} onClick={() => change((old) => addSentence(old, crypto.getRandomValues(new Uint32Array(1)).join()))} data-testid="sentence-add">
            {t("sitePlan.add")}
          </button>
        )}
      </header>
      <p className="site-list__about">{t("sitePlan.sentencesHint")}</p>
      {sentences.length > 0 && (
        <ol className="sentences">
          {sentences.map((each, i) => (change ? <SentenceFields key={each.id} sentence={each} n={i + 1} last={i + 1 === sentences.length} change={change} /> : <Sentence key={each.id} sentence={each} />))}
        </ol>
      )}
    </section>
  );
}

function Sentence({ sentence: { zh, en } }: { sentence: DraftSentence }) {
  return (
    <li>
      {zh && <span lang="zh-CN">{zh}</span>}
      {en && <span lang="en">{en}</span>}
    </li>
  );
}

interface FieldsProps {
  sentence: DraftSentence;
  /** From 1. */
  n: number;
  last: boolean;
  change: ChangeDraft;
}

/** Nobody speaks the end of a line. */
const inOneLine = (typed: string) => typed.replace(/\s*\n\s*/g, " ");

function SentenceFields({ sentence, n, last, change }: FieldsProps) {
  const { t } = useTranslation();
  const { id } = sentence;
  const isNew = !sentence.zh && !sentence.en;
  return (
    <li data-testid="site-sentence">
      {(["zh", "en"] as const).map((language, i) => (
        <label key={language} className="field">
          <span>{t(`sitePlan.sentenceIn.${language}`, { n })}</span>
          <textarea
            rows={1}
            lang={language === "zh" ? "zh-CN" : "en"}
            value={sentence[language]}
            maxLength={LONGEST_SENTENCE}
            autoFocus={isNew && i === 0}
            onChange={(event) => change((old) => changeSentence(old, id, { [language]: inOneLine(event.target.value) }), `sentence ${id} ${language}`)}
            data-testid={`sentence-${language}-${n}`}
          />
        </label>
      ))}
      <span className="sentences__acts">
        <button type="button" className="icon-button" disabled={n === 1} aria-label={t("sitePlan.sentenceUp", { n })} title={t("sitePlan.sentenceUp", { n })} onClick={() => change((old) => moveSentence(old, id, -1))} data-testid={`sentence-up-${n}`}>
          <ArrowUp size={15} />
        </button>
        <button type="button" className="icon-button" disabled={last} aria-label={t("sitePlan.sentenceDown", { n })} title={t("sitePlan.sentenceDown", { n })} onClick={() => change((old) => moveSentence(old, id, 1))} data-testid={`sentence-down-${n}`}>
          <ArrowDown size={15} />
        </button>
        <button type="button" className="icon-button" aria-label={t("sitePlan.sentenceRemove", { n })} title={t("sitePlan.sentenceRemove", { n })} onClick={() => change((old) => removeSentence(old, id))} data-testid={`sentence-remove-${n}`}>
          <Trash2 size={15} />
        </button>
      </span>
    </li>
  );
}
