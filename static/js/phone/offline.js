// Has the pages of an opened visit kept on the phone, so that they open without a network.
"use strict";
(() => {
  if (!globalThis.isSecureContext || !navigator.serviceWorker) return;
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
  const { user, cookie } = document.querySelector("form[data-unsent]").dataset;
  if (smile.able && !document.querySelector("form[data-visit]")) smile.outbox.start({ user, cookie });

  const list = document.querySelector("[data-pages]");
  if (!list) return;
  navigator.storage?.persist?.();
  fetchAll(list.dataset.pages.split(" "), list.dataset.stamp).catch(() => {}); // again with the next page
})();
