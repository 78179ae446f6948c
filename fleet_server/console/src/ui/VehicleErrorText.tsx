import { useTranslation } from "react-i18next";

import { type Said, told } from "../api/vehicleError";

/** A trouble in the operator's words. The dog's own, in English, stand beside them in English and behind them in Chinese. */
export function VehicleErrorText(said: Said) {
  const { i18n } = useTranslation(); // drawn anew in another language
  const { words, detail } = told(said);
  const hidden = i18n.language !== "en" && words !== said.type && words !== "";
  return (
    <span className="trouble" title={hidden && detail ? detail : undefined}>
      {words}
      {detail && !hidden && <small className="trouble__detail" lang="en">{detail}</small>}
    </span>
  );
}
