import { House } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../api/rights";
import type { Dog } from "../api/types";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { isOver, useCalls, useGoHome } from "./callQueries";

/** Sends one dog to a free dock; its round ends, so it is asked for twice. */
export function GoHome({ dog, live }: { dog: Dog; live: boolean }) {
  const { t } = useTranslation();
  const may = useMay();
  const home = useGoHome();
  const [asking, ask] = useState(false);
  const homeward = (useCalls().data ?? []).some((made) => made.kind === "HOME" && made.dogId === dog.dogId && !isOver(made));
  if (!may("command") || (!asking && (!live || homeward || dog.charging))) return null;
  return (
    <div>
      <button type="button" className="button dog-stop__press" onClick={() => ask(true)} data-testid={`dog-home-${dog.dogId}`}>
        <House size={14} aria-hidden="true" /> {t("calls.home")}
      </button>
      {asking && (
        <ConfirmDialog
          title={t("calls.homeTitle", { dog: dog.dogId })}
          body={t("calls.homeBody", { dog: dog.dogId })}
          request={home}
          onConfirm={() => home.mutate(dog.dogId, { onSuccess: () => ask(false) })}
          onClose={() => ask(false)}
          yes={t("calls.home")}
          primary
          testId="home-dialog"
          confirmTestId="home-confirm"
        />
      )}
    </div>
  );
}
