import { useState } from "react";
import { useTranslation } from "react-i18next";

import { isChanged } from "../api/httpClient";
import { reasonOf } from "./RequestFailure";

interface Props<D> {
  /** Why it was not saved. */
  error: unknown;
  draft: D;
  /** What the other has saved. */
  theirs: () => Promise<D>;
  onChange: (draft: D) => void;
  /** The error is looked at. */
  reset: () => void;
}

/** Somebody else has saved it meanwhile: their version can be looked at, and what was typed here comes back. */
export function Meanwhile<D extends { version: string | null }>({ error, draft, theirs, onChange, reset }: Props<D>) {
  const { t } = useTranslation();
  const [mine, keep] = useState<D | null>(null);
  const [again, warn] = useState(false);
  const [failed, fail] = useState<unknown>(null);
  const look = () =>
    theirs().then(
      (found) => (keep({ ...draft, version: found.version }), onChange(found), reset(), fail(null)),
      (reason: unknown) => fail(reason),
    );
  const back = () => mine && (onChange(mine), keep(null), warn(true));
  if (mine) {
    return (
      <p className="form-note" role="status" data-testid="meanwhile-theirs">
        {t("meanwhile.theirs")} <button type="button" className="link-button" onClick={back} data-testid="meanwhile-mine">{t("meanwhile.back")}</button>
      </p>
    );
  }
  if (!isChanged(error)) return again ? <p className="form-note" role="status">{t("meanwhile.again")}</p> : null;
  return (
    <p className="form-note" role="status" data-testid="meanwhile">
      {t("meanwhile.kept")} <button type="button" className="link-button" onClick={() => void look()} data-testid="meanwhile-look">{t("meanwhile.look")}</button>
      {failed !== null && ` ${reasonOf(failed, t("common.noServer"))}`}
    </p>
  );
}
