// Opened visits without a network: pages and files are kept as they were last seen. Nothing is sent from here; a log-in
// passes through, for what it does to the pages.
"use strict";
const PAGES = "smile-pages"; // of one person at a time: the last who was signed in on this phone
const FILES = "smile-files";
const OWNER = "/owner-of-the-pages";
const UNSURE = "/unsure"; // there when somebody has logged in and no page has said yet who
const OFFLINE = "{% url 'offline' %}";
const LOGIN = "{% url 'login' %}";
const LOGOUT = "{% url 'logout' %}";
const STATIC = "{% get_static_prefix %}";
const CORE = [
  OFFLINE,{% for file in core %}
  "{% static file %}",{% endfor %}
];
const NAMED_BY_CONTENT = /\.[0-9a-f]{12}\.\w+$/;
const FILES_AT_MOST = 80;
const PATIENCE = 4000; // milliseconds for a page of which there is a copy
let era = 0; // of log-ins and log-outs: what was asked for in an earlier one is not kept
let keeping = Promise.resolve(); // one page after the other, since the first of another person's empties the cache

addEventListener("install", (event) => {
  skipWaiting();
  event.waitUntil(caches.open(FILES).then((files) => files.addAll(CORE)));
});
addEventListener("activate", (event) => event.waitUntil(Promise.all([clients.claim(), tidy()])));
addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.method === "POST" && [LOGIN, LOGOUT].includes(url.pathname)) event.respondWith(changes(event.request, url.pathname));
  else if (event.request.method === "POST" && event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => caches.match(OFFLINE)));
  if (event.request.method !== "GET") return;
  if (url.pathname.startsWith(STATIC)) event.respondWith(file(event.request));
  else if (url.pathname.startsWith("/visits/") || event.request.mode === "navigate") event.respondWith(page(event, url));
});

// Pages of earlier releases still name their files: the oldest go first, and only when there are many.
async function tidy() {
  const files = await caches.open(FILES);
  const names = await files.keys();
  await Promise.all(names.slice(0, Math.max(0, names.length - FILES_AT_MOST)).map((name) => files.delete(name)));
}

async function file(request) {
  const files = await caches.open(FILES);
  const kept = await files.match(request, { ignoreVary: true });
  if (kept && NAMED_BY_CONTENT.test(new URL(request.url).pathname)) return kept;
  try {
    const answer = await fetch(request);
    if (answer.ok) await files.put(request, answer.clone()).catch(() => {}); // a full phone has the answer all the same
    return answer.ok ? answer : (kept ?? answer);
  } catch {
    return kept ?? Response.error();
  }
}

// Whoever has come in may be another: from then on no copy is shown until a page says who it is. Whoever goes takes the
// copies along. What fails, for want of a network or of the right password, changes nothing.
async function changes(request, path) {
  const answer = await fetch(request).catch(() => null);
  if (answer?.type === "opaqueredirect") {
    era += 1;
    await keeping;
    const pages = await caches.open(PAGES);
    const isUnsure = path === LOGIN && pages.put(UNSURE, new Response("")).then(() => true, () => false);
    if (!(await isUnsure)) await caches.delete(PAGES);
  }
  return answer ?? caches.match(OFFLINE);
}

async function page(event, url) {
  const began = era;
  const pages = await caches.open(PAGES);
  const kept = (await pages.match(UNSURE)) ? undefined : await pages.match(url.pathname, { ignoreVary: true });
  const going = fetch(event.request).then(async (answer) => {
    const copy = answer.clone();
    await (keeping = keeping.then(() => began === era && keep(url, copy)).catch(() => {})); // no room for a copy: there is the page itself
    return answer;
  });
  event.waitUntil(going.catch(() => {}));
  const soon = kept ? Promise.race([going, new Promise((resolve) => setTimeout(resolve, PATIENCE))]) : going;
  const answer = await soon.catch(() => null);
  // A page that has a copy is ours: what comes for it with 200 and without our mark is a Wi-Fi's own page.
  const isWrong = !answer || answer.status >= 500 || (answer.status === 200 && !answer.headers.has("X-Smile"));
  if (kept && isWrong) return kept;
  if (answer) return answer;
  return event.request.mode === "navigate" ? caches.match(OFFLINE) : Response.error();
}

async function keep(url, answer) {
  const user = answer.headers.get("X-Smile-User"); // what is not to be kept says nobody's
  if (!user || answer.status !== 200 || url.search) return;
  const pages = await caches.open(PAGES);
  if (answer.redirected) return pages.delete(url.pathname); // there is no such page any more
  const before = await pages.match(OWNER);
  if ((await before?.text()) !== user) {
    // One by one: a cache that is deleted whole would take with it what others are just putting there.
    for (const name of await pages.keys()) await pages.delete(name);
    await pages.put(OWNER, new Response(user));
  }
  await pages.delete(UNSURE);
  await pages.put(url.pathname, answer);
}
