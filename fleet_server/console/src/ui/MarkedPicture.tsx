import { useEffect, useState } from "react";

import { Picture } from "./Picture";
import { type PictureMarks, readMarks } from "./pictureMarks";

/** A picture with the box, the foot point and the zone's outline that the dog saw in it. */
export function MarkedPicture({ url, alt }: { url: string | null; alt: string }) {
  const marks = useMarks(url);
  return (
    <div className="marked">
      <Picture url={url} alt={alt} />
      {marks && (
        <svg viewBox={`0 0 ${marks.size[0]} ${marks.size[1]}`} aria-hidden="true" data-testid="picture-marks">
          {marks.zone.map((piece, number) => (
            <polyline key={number} points={piece.map((point) => point.join(",")).join(" ")} />
          ))}
          <rect x={marks.box[0]} y={marks.box[1]} width={Math.max(marks.box[2] - marks.box[0], 0)} height={Math.max(marks.box[3] - marks.box[1], 0)} />
          {marks.foot && <circle cx={marks.foot[0]} cy={marks.foot[1]} r={5} />}
        </svg>
      )}
    </div>
  );
}

/** They lie in the file itself, which the browser has kept since it drew it. */
function useMarks(url: string | null): PictureMarks | null {
  const [marks, setMarks] = useState<PictureMarks | null>(null);
  useEffect(() => {
    setMarks(null);
    if (!url) return;
    const ended = new AbortController();
    fetch(url, { signal: ended.signal })
      .then((answer) => (answer.ok ? answer.arrayBuffer() : new ArrayBuffer(0)))
      .then((file) => setMarks(readMarks(new Uint8Array(file))))
      .catch(() => undefined); // the picture itself says that it cannot be shown
    return () => ended.abort();
  }, [url]);
  return marks;
}
