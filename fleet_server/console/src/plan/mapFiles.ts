import type { MapFiles, Text } from "../api/types";

/** Larger ones the server does not take: a map of 300 m x 300 m in cells of 0.1 m. */
export const MOST_PICTURE = 9_000_000 + 1024;
const MOST_YAML = 10_000;

/** Why the files that were chosen are no map; the rest the server finds. */
export type MissingFile = "yaml" | "image" | "tooLarge";

/** The map.yaml and the picture among the files that were chosen. */
export async function readMapFiles(files: File[]): Promise<MapFiles | MissingFile> {
  const yaml = files.find(({ name }) => /\.ya?ml$/i.test(name));
  const image = files.find(({ name }) => /\.(pgm|png)$/i.test(name));
  if (!yaml) return "yaml";
  if (!image) return "image";
  if (image.size > MOST_PICTURE || yaml.size > MOST_YAML) return "tooLarge";
  return { yaml: await yaml.text(), image: base64(new Uint8Array(await image.arrayBuffer())) };
}

/** In pieces: a call takes only so many arguments. */
export function base64(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length; i += 0x8000) pieces.push(String.fromCharCode(...bytes.subarray(i, i + 0x8000)));
  return btoa(pieces.join(""));
}

/** An id of a name: what is neither letter nor digit of ASCII becomes one "_". */
export const idOf = (name: Text): string =>
  name.en
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 40);
