import { Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { NameFields } from "./NameFields";
import { NumberField } from "./NumberField";
import { changePlace, degOf, type DraftPlace, type PlaceKind, radOf } from "./siteDraft";
import type { ChangeDraft } from "./SiteList";

interface Props {
  list: PlaceKind;
  place: DraftPlace;
  change: ChangeDraft;
  onRemove: () => void;
  /** What else there is to say of it. */
  children?: ReactNode;
}

/** A checkpoint or a dock in numbers and names. */
export function PlaceFields({ list, place: { id, name, pose }, change, onRemove, children }: Props) {
  const { t } = useTranslation();
  const put = (part: Partial<DraftPlace>, what: string) => change((draft) => changePlace(draft, list, id, part), `${id} ${what}`);
  return (
    <div className="site-fields">
      <NameFields name={name} onChange={(next, language) => put({ name: next }, language)} />
      <div className="site-fields__three">
        <NumberField label={t("sitePlan.x")} value={pose.x} step={0.1} onChange={(x) => put({ pose: { ...pose, x } }, "x")} testId="place-x" />
        <NumberField label={t("sitePlan.y")} value={pose.y} step={0.1} onChange={(y) => put({ pose: { ...pose, y } }, "y")} testId="place-y" />
        <NumberField label={t("sitePlan.heading")} value={degOf(pose.theta)} step={5} min={-360} max={360} onChange={(deg) => put({ pose: { ...pose, theta: radOf(deg) } }, "heading")} testId="place-heading" />
      </div>
      <p className="site-fields__hint">{t(list === "docks" ? "sitePlan.dockHint" : "sitePlan.checkpointHint")}</p>
      {children}
      <button type="button" className="button button--danger" onClick={onRemove} data-testid="site-remove">
        <Trash2 size={14} aria-hidden="true" /> {t("common.delete")}
      </button>
    </div>
  );
}
