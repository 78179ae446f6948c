import { LocateFixed } from "lucide-react";
import { useTranslation } from "react-i18next";

import { inWords } from "../api/refusalText";
import type { Point } from "../api/types";
import { named } from "../i18n";
import { reasonOf } from "../ui/RequestFailure";
import { type Item, nameless, type SiteDraft } from "./siteDraft";
import type { SiteProblem } from "./siteQueries";

interface Props {
  draft: SiteDraft;
  problems: SiteProblem[];
  error: unknown;
  checking: boolean;
  onJump: (item: Item | null, place: Point | null) => void;
}

/** What stands in the way of saving, each with its place. */
export function SiteProblems({ draft, problems, error, checking, onJump }: Props) {
  const { t } = useTranslation();
  const nameOf = (item: Item) => {
    const it = draft[item.list].find((each) => each.id === item.id);
    return (it && named(it.name)) || t("sitePlan.nameless");
  };
  const told = [...nameless(draft).map((item) => ({ item, place: null, sentence: null, detail: t("sitePlan.missingName") })), ...problems.map((each) => ({ ...each, detail: inWords(each.detail) }))];
  if (told.length === 0 && !error) return null;
  return (
    <section className={`site-problems${checking ? " is-stale" : ""}`} role="status" data-testid="site-problems">
      <h3>{t("sitePlan.problems")}</h3>
      {Boolean(error) && <p className="form-error">{t("sitePlan.notChecked", { reason: reasonOf(error, t("common.noServer")) })}</p>}
      <ul>
        {told.map(({ item, place, sentence, detail }, i) => (
          <li key={i} data-testid="site-problem">
            <span>{item && <b>{nameOf(item)}</b>}{sentence && <b>{t("sitePlan.sentence", { n: sentence })}</b>} {detail}</span>
            {(item || place) && (
              <button type="button" className="icon-button" onClick={() => onJump(item, place)} aria-label={t("sitePlan.jump")} title={t("sitePlan.jump")}>
                <LocateFixed size={14} />
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
