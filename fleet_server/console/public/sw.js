// Keeps the page itself, so that it opens and says so when the server is away. Data are never kept: whatever lies
// below /api is not touched here. Only one build is kept: a page that is another than the one before clears all.
const SHELL = "shell";
const PAGE = "/";
const kept = (path) => path.startsWith("/assets/") || /^\/[\w-]+\.(svg|png|webmanifest)$/.test(path);

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(page(new Request(PAGE, { cache: "no-cache" })));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin || pathname.startsWith("/api/")) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (kept(pathname)) event.respondWith(part(request, pathname));
});

/** The server's page, and the one that is kept where the server does not answer. */
async function page(request) {
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    return (await caches.match(PAGE)) ?? Response.error();
  }
  if (answer.ok && answer.headers.get("Content-Type")?.startsWith("text/html")) await keep(answer.clone());
  return answer;
}

async function keep(answer) {
  const text = await answer.clone().text();
  const before = await caches.match(PAGE);
  if (before && (await before.text()) === text) return;
  await caches.delete(SHELL);
  const shell = await caches.open(SHELL);
  await shell.put(PAGE, answer);
  const named = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((found) => found[1]).filter(kept);
  await shell.addAll(named);
}

/** Files with a hash in their name are the same for ever; the others are asked for, and kept for when nobody answers. */
async function part(request, pathname) {
  const shell = await caches.open(SHELL);
  const known = await shell.match(request);
  if (known && pathname.startsWith("/assets/")) return known;
  try {
    const answer = await fetch(request);
    if (answer.ok) await shell.put(request, answer.clone());
    return answer;
  } catch {
    return known ?? Response.error();
  }
}
