// What leaves the phone: a visit's work after its receipt, and all of a person's that is sent when they log out.
"use strict";
(() => {
  if (!globalThis.indexedDB || !globalThis.smile) return;
  const kinds = [smile.store.changes, smile.store.photos, smile.store.forms];
  const receipt = document.querySelector("[data-received]");
  const login = document.querySelector("form[data-logs-in]");
  const logout = document.querySelector("form[data-unsent]");

  // How many records are not sent.
  async function unsent(user) {
    let left = 0;
    for (const kind of kinds) left += (await kind.of(user)).filter((record) => record.state !== "sent").length;
    return left;
  }

  // A report that was begun is over with its visit.
  const isOver = ({ state, code }) => state === "sent" || (receipt && state === "draft" && code !== "met");

  // Of the records that fit, those that are sent go, and the clocks.
  async function clear(user, fits = () => true) {
    for (const kind of kinds) {
      for (const record of (await kind.of(user)).filter(fits)) if (isOver(record)) await kind.forget(record);
    }
    for (const clock of (await smile.store.timers.of(user)).filter(fits)) await smile.store.timers.forget(clock);
  }

  // The copies of pages, too: of one visit, or all.
  async function forget(visit) {
    if (!visit) return caches.delete("smile-pages");
    const pages = await caches.open("smile-pages");
    const own = (await pages.keys()).filter((page) => new URL(page.url).pathname.startsWith(`/visits/${visit}/`));
    return Promise.all(own.map((page) => pages.delete(page)));
  }

  if (receipt) {
    const done = () => clear(receipt.dataset.user, (record) => record.visit === receipt.dataset.received).catch(() => {});
    done();
    smile.outbox.told.addEventListener("photo", done); // one that came after the report
    forget(receipt.dataset.received).catch(() => {});
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
    const left = await unsent(logout.dataset.user).catch(() => 0);
    if (left && !confirm(logout.dataset.unsent.replace("{number}", left))) return;
    await clear(logout.dataset.user).catch(() => {});
    await forget().catch(() => {});
    passed = true;
    logout.requestSubmit();
  });
})();
