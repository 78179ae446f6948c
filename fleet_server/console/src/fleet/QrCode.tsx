import qrcode from "qrcode-generator";
import { useMemo } from "react";

/** Modules of quiet ground round the code, as ISO/IEC 18004 asks. */
const QUIET = 4;

/** A QR code of `text`, drawn as one path. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => drawn(text), [text]);
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges" data-testid="qr" data-text={text}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

function drawn(text: string): { size: number; path: string } {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const n = code.getModuleCount();
  const dark = [];
  for (let row = 0; row < n; row++) for (let column = 0; column < n; column++) if (code.isDark(row, column)) dark.push(`M${column + QUIET} ${row + QUIET}h1v1h-1z`);
  return { size: n + 2 * QUIET, path: dark.join("") };
}
