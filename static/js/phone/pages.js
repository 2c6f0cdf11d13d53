// What every page of a shopper's does: what the server has leaves the phone, and the pages of an opened visit stay on it.
"use strict";

// What leaves: after a receipt what the server has of the visit, at log-out what it has of a person's.
(() => {
  if (!globalThis.indexedDB || !globalThis.smile) return;
  const { changes, photos, forms } = smile.store;
  const receipt = document.querySelector("[data-received]");
  const login = document.querySelector("form[data-logs-in]");
  const logout = document.querySelector("form[data-unsent]");

  // What the server has, whatever became of it: a text put aside or refused is there for the reviewer. Clocks go along.
  const mayGo = { timers: () => true, received: () => true, changes: ({ state }) => ["aside", "refused"].includes(state), photos: ({ state, tried }) => state === "removed" && !tried };
  const isThere = (record, name) => record.state === "sent" || mayGo[name]?.(record);

  // How many records may still be sent.
  async function unsent(user) {
    const all = [...(await changes.of(user)), ...(await photos.of(user))];
    const begun = (await forms.of(user)).filter(({ state }) => !["sent", "refused"].includes(state));
    const may = ({ state, tried }) => ["waiting", "follows", "kind", "conflict", "invalid"].includes(state) || (state === "removed" && tried);
    return all.filter(may).length + begun.length;
  }

  async function clear(user, fits) {
    for (const [name, kind] of Object.entries(smile.store)) {
      for (const record of await kind.of(user)) if (fits(record, name)) await kind.forget(record);
    }
  }

  // The copies of pages, too: of one visit, or all.
  async function forget(visit) {
    if (!visit) return caches.delete("smile-pages");
    const pages = await caches.open("smile-pages");
    const own = (await pages.keys()).filter((page) => new URL(page.url).pathname.startsWith(`/visits/${visit}/`));
    return Promise.all(own.map((page) => pages.delete(page)));
  }

  if (receipt) {
    const { user, received } = receipt.dataset;
    // The text of a conflict is there from the first, and with the visit submitted there is nothing left to decide; a
    // report that was begun is over.
    const isOver = ({ state, code }, name) => (state === "conflict" && name === "changes") || (state === "draft" && code !== "met");
    const done = () => clear(user, (record, name) => record.visit === received && (isThere(record, name) || isOver(record, name))).catch(() => {});
    done();
    smile.outbox.told.addEventListener("photo", done); // one that came after the report
    forget(received).catch(() => {});
  }

  // Where no worker sees the log-in: whoever logs in now may be another, and no copy is shown until a page says who it is.
  let unsure = !!navigator.serviceWorker?.controller;
  login?.addEventListener("submit", async (event) => {
    if (unsure) return;
    event.preventDefault();
    await caches.open("smile-pages").then((pages) => pages.put("/unsure", new Response(""))).catch(() => {});
    unsure = true;
    login.requestSubmit(event.submitter);
  });

  let passed = false;
  logout?.addEventListener("submit", async (event) => {
    if (passed) return;
    event.preventDefault();
    await smile.keepAll?.();
    if (!(await smile.outbox.reaches())) return alert(logout.dataset.offline);
    await smile.catchUp(logout.dataset.user).catch(() => {});
    const left = await unsent(logout.dataset.user).catch(() => 0);
    if (left && !confirm(logout.dataset.unsent.replace("{number}", left))) return;
    await clear(logout.dataset.user, isThere).catch(() => {});
    await forget().catch(() => {});
    passed = true;
    logout.requestSubmit();
  });
})();

// Has the pages of an opened visit kept on the phone, so that they open without a network.
(() => {
  const out = document.querySelector("form[data-unsent]");
  if (!globalThis.isSecureContext || !navigator.serviceWorker || !out) return;
  const workers = navigator.serviceWorker;
  workers.register("/sw.js").catch(() => {});

  const controlled = () =>
    new Promise((resolve) => {
      if (workers.controller) resolve();
      else workers.addEventListener("controllerchange", resolve, { once: true });
    });

  // `stamp` is an address that nothing answers; its place in the cache says that this state of the visit is there whole.
  async function fetchAll(pages, stamp) {
    await controlled();
    const kept = await caches.open("smile-pages");
    if (await kept.match(stamp)) return;
    for (const page of pages) {
      if (!(await fetch(page)).headers.has("X-Smile-User")) return; // an ended log-in's page, a Wi-Fi's own
    }
    await kept.put(stamp, new Response(""));
  }

  // Every page sends what waits; those of a visit begin it themselves, once they show what the phone holds.
  const { user, cookie } = out.dataset;
  if (smile.able && !document.querySelector("form[data-visit]")) smile.outbox.start({ user, cookie });

  // A visit's first page names all the others; whoever comes straight to another has that one fetched, once the page that
  // they wait for has had its time.
  async function listed(form) {
    if (form) await new Promise((resolve) => setTimeout(resolve, 5000));
    const first = form && (await (await fetch(`/visits/${form.dataset.visit}/`)).text());
    return first && new DOMParser().parseFromString(first, "text/html").querySelector("[data-pages]");
  }

  async function keepAll() {
    const list = document.querySelector("[data-pages]") ?? (await listed(document.querySelector("form[data-visit][data-url]")));
    if (!list) return;
    navigator.storage?.persist?.();
    await fetchAll(list.dataset.pages.split(" "), list.dataset.stamp);
  }
  keepAll().catch(() => {}); // again with the next page
})();
