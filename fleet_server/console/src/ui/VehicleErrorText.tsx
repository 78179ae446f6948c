import { useTranslation } from "react-i18next";

import { type Said, told } from "../api/vehicleError";

/** A trouble in the operator's words. */
export function VehicleErrorText(said: Said) {
  useTranslation(); // drawn anew in another language
  return <WordsWithDetail {...told(said)} />;
}

/** Words with what a machine said, in English: it stands beside them in English and behind them in Chinese. */
export function WordsWithDetail({ words, detail }: { words: string; detail: string }) {
  const hidden = useTranslation().i18n.language !== "en";
  return (
    <span className="trouble" title={hidden && detail ? detail : undefined}>
      {words}
      {detail && !hidden && <small className="trouble__detail" lang="en">{detail}</small>}
    </span>
  );
}
