import { useTranslation } from "react-i18next";

import { type Said, told } from "../api/trouble";

/** A trouble in the operator's words, with the dog's own beside it: they name what and where. */
export function Trouble(said: Said) {
  useTranslation(); // drawn anew in another language
  const { words, detail } = told(said);
  return (
    <span className="trouble">
      {words}
      {detail && <small className="trouble__detail" lang="en">{detail}</small>}
    </span>
  );
}
