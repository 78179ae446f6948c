/** Paints a site's ground away from the page: on a weak computer that takes seconds, in which a page would answer nobody. */
import { type GroundOrder } from "./ground";
import { paintGround } from "./mapPainting";

// A worker's own scope; the page's types know only the window's.
const here = globalThis as unknown as { onmessage: (event: MessageEvent<GroundOrder>) => void; postMessage: (painted: ImageBitmap | null, moved: Transferable[]) => void };

here.onmessage = ({ data: { url, resolution, theme } }) =>
  void paint(url, resolution, theme).then(
    (painted) => here.postMessage(painted, [painted]),
    () => here.postMessage(null, []),
  );

async function paint(url: string, resolution: number, theme: GroundOrder["theme"]): Promise<ImageBitmap> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the map's picture: ${answer.status}`);
  const picture = await createImageBitmap(await answer.blob());
  return (paintGround(picture, picture.width, picture.height, resolution, theme) as OffscreenCanvas).transferToImageBitmap();
}
