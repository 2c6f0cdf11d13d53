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

  const ours = async () => (await smile.store.of(user)).filter((record) => record.visit === visit);

  async function left() {
    const waiting = (await ours()).filter((record) => record.state !== "sent").length;
    line.textContent = waiting ? words.unsent.replace("{number}", waiting) : "";
    return waiting;
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
    form.elements.declared.value = JSON.stringify((await ours()).map(({ id, code }) => [id, code]));
    passed = true;
    form.requestSubmit(event.submitter);
  });

  smile.outbox.told.addEventListener("change", left);
  addEventListener("pageshow", () => (busy = false)); // back from where the form led
  left().then(() => smile.outbox.start({ user, cookie }), () => form.addEventListener("submit", () => (passed = true), true));
})();
