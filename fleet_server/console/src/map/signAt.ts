/** The sign that a pointer means: the nearest within `reach`. Pixels. */
export function signAt<Sign extends { x: number; y: number }>(signs: Iterable<Sign>, point: { x: number; y: number }, reach: number): Sign | null {
  let [found, nearest]: [Sign | null, number] = [null, reach];
  for (const sign of signs) {
    const far = Math.hypot(sign.x - point.x, sign.y - point.y);
    if (far < nearest) [found, nearest] = [sign, far];
  }
  return found;
}
