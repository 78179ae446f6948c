import { ImageOff, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  url: string | null;
  alt: string;
  testId?: string;
}

/** The store or the way to it may be back by then. */
const TRY_AGAIN_MS = 5_000;

/** A picture in a frame of fixed shape, so that nothing moves when it comes. `url` null: it is still on its way. */
export function Picture({ url, alt, testId }: Props) {
  const { t } = useTranslation();
  const [state, setState] = useState<"loading" | "shown" | "failed">("loading");
  useEffect(() => setState("loading"), [url]);
  useEffect(() => {
    if (state !== "failed") return;
    const again = setTimeout(() => setState("loading"), TRY_AGAIN_MS);
    return () => clearTimeout(again);
  }, [state]);
  return (
    <div className="picture" data-state={url ? state : "awaited"}>
      {url && state !== "failed" && (
        <img src={url} alt={alt} data-testid={testId} onLoad={() => setState("shown")} onError={() => setState("failed")} />
      )}
      {(!url || state === "failed") && (
        <span className="picture__word">
          {url ? <ImageOff size={18} /> : <LoaderCircle size={18} className="spin" />}
          {url ? t("incidents.pictureFailed") : t("incidents.noPicture")}
        </span>
      )}
    </div>
  );
}
