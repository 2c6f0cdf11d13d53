// Submitting from a phone: only once the server has all that this phone keeps, and it is told what that is.
"use strict";
(() => {
  const form = document.querySelector("form[data-visit]");
  const able = globalThis.isSecureContext && globalThis.indexedDB && navigator.locks && globalThis.AbortSignal?.timeout;
  if (!form || !able) return;
  const { user, visit, cookie } = form.dataset;
  const words = JSON.parse(document.getElementById("phone-words").textContent);
  const line = form.querySelector("[data-outbox]");
  let passed = false; // the next submit is the browser's own
  let busy = false; // a second tap has nothing to add to the first

  const ours = async (kind) => (await kind.of(user)).filter((record) => record.visit === visit);
  // What was refused for good is with the server too, for the reviewer to see.
  const settled = { changes: ["sent", "refused"], photos: ["sent"] };
  const unsent = async (name) => (await ours(smile.store[name])).filter((record) => !settled[name].includes(record.state)).length;

  async function left() {
    const [answers, photos] = [await unsent("changes"), await unsent("photos")];
    const says = [answers && words.unsent.replace("{number}", answers), photos && words.unsent_photos.replace("{number}", photos)];
    line.textContent = says.filter(Boolean).join(" ");
    return answers + photos;
  }

  form.addEventListener("submit", async (event) => {
    if (passed) {
      passed = false;
      return;
    }
    event.preventDefault();
    if (busy) return;
    busy = true;
    const went = await smile.outbox.drain();
    if (await left()) {
      if (words[went]) line.textContent += ` ${words[went]}`;
      busy = false;
      return;
    }
    if (!(await smile.outbox.reaches())) {
      line.textContent = words.needs_network;
      busy = false;
      return;
    }
    const changes = (await ours(smile.store.changes)).filter(({ state }) => state === "sent").map(({ id, code }) => [id, code]);
    const photos = (await ours(smile.store.photos)).map(({ there, code }) => [there.id, code]);
    form.elements.declared.value = JSON.stringify({ changes, photos });
    passed = true;
    form.requestSubmit(event.submitter);
  });

  smile.outbox.told.addEventListener("change", left);
  smile.outbox.told.addEventListener("photo", left);
  addEventListener("pageshow", () => (busy = false)); // back from where the form led
  left().then(() => smile.outbox.start({ user, cookie }), () => form.addEventListener("submit", () => (passed = true), true));
})();
