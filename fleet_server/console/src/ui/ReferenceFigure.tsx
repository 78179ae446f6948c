import { useTranslation } from "react-i18next";

import { useSites } from "../api/queries";
import { useReference } from "../api/references";
import { named } from "../i18n";
import { Picture } from "./Picture";
import { dayAndMinute } from "./timeFormat";

interface Props {
  siteId: string;
  checkpointId: string | null | undefined;
  /** The checkpoint is the nearest one to what the other picture is about. */
  nearest?: boolean;
}

/** How a checkpoint should look, to stand beside how it does; nothing where nobody has chosen a picture. */
export function ReferenceFigure({ siteId, checkpointId, nearest = false }: Props) {
  const { t } = useTranslation();
  const reference = useReference(siteId, checkpointId);
  const site = useSites().data?.find((each) => each.siteId === siteId);
  const checkpoint = site?.checkpoints.find((each) => each.checkpointId === checkpointId);
  if (!reference || !checkpoint) return null;
  const said = { place: named(checkpoint.name), when: dayAndMinute(reference.evidence.capturedAt, site?.timezone) };
  return (
    <figure data-testid="reference">
      <Picture url={reference.evidence.contentUrl} alt={t("reference.alt", said)} />
      <figcaption>{t(nearest ? "reference.nearest" : "reference.of", said)}</figcaption>
    </figure>
  );
}
