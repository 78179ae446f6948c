import { useTranslation } from "react-i18next";

import type { Site } from "../api/types";
import { Meanwhile } from "../ui/Meanwhile";
import { reasonOf } from "../ui/RequestFailure";
import { useToast } from "../ui/Toast";
import { siteDraftOf, siteEditOf } from "./siteDraft";
import { siteNow, useSaveSite } from "./siteQueries";
import type { DraftInHand } from "./useSiteDraft";

interface Props {
  site: Site;
  hand: DraftInHand;
  /** There are problems still. */
  held: boolean;
  onOpen: () => void;
}

/** What is drawn goes to the station and from there to every dog, or is given up. */
export function SiteSave({ site, hand, held, onOpen }: Props) {
  const { t } = useTranslation();
  const say = useToast();
  const save = useSaveSite();
  const { draft, version } = hand;
  const send = () =>
    save.mutate({ siteId: site.siteId, version, edit: siteEditOf(draft) }, { onSuccess: (saved) => (hand.open(saved), onOpen(), say(t("sitePlan.saved", { n: saved.version }))) });
  return (
    <footer className="editor__foot" data-testid="site-foot">
      <p className="form-error" role="alert">
        {save.isError && t("plan.refused", { reason: reasonOf(save.error, t("common.noServer")) })}
      </p>
      <Meanwhile
        error={save.error}
        draft={{ ...draft, version: version as string | null }}
        theirs={() => siteNow(site.siteId).then((now) => ({ ...siteDraftOf(now), version: String(now.version) as string | null }))}
        onChange={({ version: on, ...next }) => hand.replace(next, on ?? version)}
        reset={save.reset}
      />
      <button type="button" className="button" onClick={() => (save.reset(), hand.discard(), onOpen())} data-testid="site-discard">{t("sitePlan.discard")}</button>
      <button type="button" className="button button--primary" disabled={held || save.isPending} onClick={send} data-testid="site-save">
        {save.isPending ? t("common.saving") : t("common.save")}
      </button>
    </footer>
  );
}
