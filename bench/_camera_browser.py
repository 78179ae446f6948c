"""Chromium that watches a dog's camera with the console's own code, and reads the stamp in each picture it shows."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from tests.console.operator_steps import CHROMIUM, CHROMIUM_OPTIONS

CONSOLE = Path("fleet_server/console")
PATIENCE_MS = 90_000
STAMP_BITS, STAMP_PX = 16, 20
"""Squares in a row at the picture's top, the lowest bit first, white for 1: the epoch's milliseconds, modulo 2**16;
beside them the opposite of each, for what the detector takes for a head is pixelated, and then cannot be read: it is
grey, or the two do not agree."""
PAGE = """
globalThis.feeds = [];
globalThis.ages = [];
globalThis.firsts = {};
globalThis.unread = { count: 0 };
const watch = async (dog) => {
  const asked = performance.now();
  const answer = await fetch(`/api/v1/dogs/${dog}/camera-views`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ reason: "benchmark" }),
  });
  const canvas = new OffscreenCanvas(2 * BITS * PX, PX);
  const stamp = canvas.getContext("2d", { willReadFrequently: true });
  const feed = new camera.CameraFeed((await answer.json()).viewId, (picture) => {
    stamp.drawImage(picture, 0, 0);
    const now = Date.now();
    const row = stamp.getImageData(0, PX / 2, 2 * BITS * PX, 1).data;
    const [at, opposite] = [0, 1].map((copy) => {
      let read = 0;
      for (let bit = 0; bit < BITS; bit++) {
        const level = row[4 * PX * (copy * BITS + bit + 0.5)];
        if (level > 64 && level < 191) return NaN;
        if (level > 127) read += 2 ** bit;
      }
      return read;
    });
    if (at === 2 ** BITS - 1 - opposite) ages.push((((now - at) % 2 ** BITS) + 2 ** BITS) % 2 ** BITS);
    else unread.count += 1;
    firsts.any ??= performance.now() - asked;
  });
  feed.subscribe(() => { if (feed.current().by === "webrtc") firsts.webrtc ??= performance.now() - asked; });
  feeds.push(feed);
  feed.open();
};
""".replace("BITS", str(STAMP_BITS)).replace("PX", str(STAMP_PX))


def bundled() -> str:
    """The page's code for a camera, as a script that makes ``camera`` of it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "camera.js"
        source = CONSOLE / "src/camera/cameraFeed.ts"
        command = [CONSOLE / "node_modules/.bin/rolldown", source, "--format", "iife", "--name", "camera"]
        subprocess.run([*command, "--file", made], check=True, capture_output=True)
        return made.read_text()


@contextmanager
def camera_page(base: str, cookies: httpx.Cookies, webrtc: bool) -> Iterator[Page]:
    """A page of the station that can ``watch``, signed in by ``cookies``."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        context = browser.new_context(bypass_csp=True)
        context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(
            f"{base}/api/v1/health"
        )  # a page of the station's own, else Chromium asks who may reach local networks
        if not webrtc:
            page.evaluate("delete globalThis.RTCPeerConnection")
        page.add_script_tag(content=bundled() + PAGE)
        yield page
        browser.close()


def watch(page: Page, dog: str, viewers: int, by: str) -> None:
    """Have so many watch, until all have pictures by that way."""
    for _ in range(viewers):
        page.evaluate("dog => watch(dog)", dog)
    page.wait_for_function(
        "by => feeds.every((feed) => feed.current().state === 'playing' && feed.current().by === by)", arg=by
    )


def ways(page: Page) -> list[Any]:
    """By which each has its pictures."""
    found: list[Any] = page.evaluate("feeds.map((feed) => feed.current().by)")
    return found
