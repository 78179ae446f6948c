/** What a dog marked in its picture: a comment segment of the JPEG file, under the picture's own hash (edge/perception/picture_marks.py). */
export interface PictureMarks {
  size: [number, number];
  box: [number, number, number, number];
  foot: [number, number] | null;
  zone: [number, number][][];
}

const MAGIC = "xiaotian-marks:";

/** The marks in a JPEG file; null where there are none that can be drawn. */
export function readMarks(file: Uint8Array): PictureMarks | null {
  if (file[0] !== 0xff || file[1] !== 0xd8 || file[2] !== 0xff || file[3] !== 0xfe) return null;
  const length = (file[4] ?? 0) * 256 + (file[5] ?? 0);
  const said = new TextDecoder().decode(file.subarray(6, 4 + length));
  if (!said.startsWith(MAGIC)) return null;
  try {
    const marks: unknown = JSON.parse(said.slice(MAGIC.length));
    return isMarks(marks) ? marks : null;
  } catch {
    return null;
  }
}

function isMarks(said: unknown): said is PictureMarks {
  if (typeof said !== "object" || said === null) return false;
  const { size, box, foot, zone } = said as Record<string, unknown>;
  return (
    isNumbers(size, 2) && size[0]! > 0 && size[1]! > 0 && isNumbers(box, 4) && (foot === null || isNumbers(foot, 2)) &&
    Array.isArray(zone) && zone.every((piece) => Array.isArray(piece) && piece.every((point) => isNumbers(point, 2)))
  );
}

function isNumbers(said: unknown, count: number): said is number[] {
  return Array.isArray(said) && said.length === count && said.every((each) => typeof each === "number" && Number.isFinite(each));
}
