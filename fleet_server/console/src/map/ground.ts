import type { Site } from "../api/types";
import type { Theme } from "../ui/theme";
import { paintGround } from "./mapPainting";

export interface GroundOrder {
  url: string;
  /** Metres a cell. */
  resolution: number;
  theme: Theme;
}

const painted = new Map<string, Promise<HTMLCanvasElement>>();

/** The painted ground; painted once for each version of a site. Rejects where its picture does not come. */
export function groundOf(site: Site, theme: Theme): Promise<HTMLCanvasElement> {
  const key = `${theme}/${site.siteId}/${site.version}`;
  const known = painted.get(key);
  if (known) return known;
  const fresh = paint({ url: new URL(site.map.url, location.href).href, resolution: site.map.resolution, theme });
  painted.set(key, fresh);
  fresh.catch(() => painted.delete(key));
  return fresh;
}

async function paint(order: GroundOrder): Promise<HTMLCanvasElement> {
  const worker = openWorker();
  if (!worker) return paintHere(order);
  try {
    const bitmap = await new Promise<ImageBitmap | null>((done, fail) => {
      worker.onmessage = ({ data }: MessageEvent<ImageBitmap | null>) => done(data);
      worker.onerror = fail; // it did not even begin
      worker.postMessage(order);
    });
    if (bitmap) return hung(bitmap);
  } catch {
    return paintHere(order);
  } finally {
    worker.terminate();
  }
  throw new Error("the map's picture does not come");
}

/** Null where the browser's workers cannot paint. */
function openWorker(): Worker | null {
  const paints = "OffscreenCanvas" in window && new OffscreenCanvas(1, 1).getContext("2d") !== null;
  return paints ? new Worker(new URL("./ground.worker.ts", import.meta.url), { type: "module" }) : null;
}

function hung(bitmap: ImageBitmap): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
  canvas.getContext("bitmaprenderer")!.transferFromImageBitmap(bitmap);
  return canvas;
}

async function paintHere({ url, resolution, theme }: GroundOrder): Promise<HTMLCanvasElement> {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  return paintGround(picture, picture.naturalWidth, picture.naturalHeight, resolution, theme) as HTMLCanvasElement;
}
