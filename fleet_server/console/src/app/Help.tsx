import { CircleQuestionMark } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { isTyped } from "../ui/isTyped";
import { HelpDialog } from "./HelpDialog";

/** The button, and `?` wherever nothing is typed. */
export function Help() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "?" || isTyped(event)) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, []);
  return (
    <>
      <button type="button" className="icon-button" aria-label={t("help.title")} title={`${t("help.title")} (?)`} onClick={() => setOpen(true)} data-testid="help">
        <CircleQuestionMark size={17} />
      </button>
      {open && <HelpDialog onClose={() => setOpen(false)} />}
    </>
  );
}
