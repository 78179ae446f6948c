import { Redo2, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";

interface Props {
  hand: { canUndo: boolean; canRedo: boolean; undo: () => void; redo: () => void };
  /** `site` or `route`. */
  of: string;
}

/** Takes back the last step of what is drawn, and does it again. */
export function UndoButtons({ hand, of }: Props) {
  const { t } = useTranslation();
  return (
    <>
      <button type="button" className="icon-button" disabled={!hand.canUndo} onClick={hand.undo} aria-label={t("sitePlan.undo")} title={t("sitePlan.undo")} data-testid={`${of}-undo`}>
        <Undo2 size={16} />
      </button>
      <button type="button" className="icon-button" disabled={!hand.canRedo} onClick={hand.redo} aria-label={t("sitePlan.redo")} title={t("sitePlan.redo")} data-testid={`${of}-redo`}>
        <Redo2 size={16} />
      </button>
    </>
  );
}
