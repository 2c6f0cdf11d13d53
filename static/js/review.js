// Single keys on a reviewer's desk. Everything they do can be done with Tab and Enter as well.
"use strict";
(() => {
  const items = () => [...document.querySelectorAll(".rv")].filter((item) => item.offsetParent !== null);
  const current = () => document.activeElement.closest(".rv");

  function step(by) {
    const all = items();
    const here = all.indexOf(current());
    const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, here + by))];
    if (next) {
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    }
  }

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    h: () => current()?.querySelector(".unit-words input[type=checkbox]")?.click(),
    n: () => {
      const remark = (current() ?? items()[0])?.querySelector(".remark");
      if (remark) {
        remark.open = true;
        remark.querySelector("textarea").focus();
      }
    },
    t: () => decide("t"),
    d: () => decide("d"),
  };

  // A decision stands alone: letters that follow one another are a text typed into the wrong place.
  const ALONE = 300; // milliseconds
  let last = -ALONE;
  let decision;
  function decide(key) {
    const button = document.querySelector(`[data-key=${key}]`);
    if (button) decision = setTimeout(() => button.click(), ALONE);
  }

  // Out of a text, back to its question: from there the single keys work again.
  function leave(event) {
    const item = event.target.matches("textarea") && !event.isComposing && current();
    if (item) item.focus({ preventScroll: true });
  }

  // A browser brings a text's caret into view, which may leave the rest of the field below the bar. Not under a pointer:
  // what is clicked must not move.
  let byPointer = false;
  document.addEventListener("pointerdown", () => { byPointer = true; }, true);
  document.addEventListener("keydown", () => { byPointer = false; }, true);
  document.addEventListener("focusin", (event) => {
    if (!byPointer && event.target.matches("#desk textarea")) event.target.scrollIntoView({ block: "nearest" });
  });

  // How many characters are left of a text. The server counts them the same way, and decides.
  const words = document.getElementById("desk").dataset;
  for (const field of document.querySelectorAll("#desk textarea[data-max-length]")) {
    const told = document.createElement("p");
    told.id = `${field.id}-left`;
    field.after(told);
    field.setAttribute("aria-describedby", told.id);
    const tell = () => {
      const typed = field.value.normalize("NFC").trim();
      const left = field.dataset.maxLength - [...typed].length;
      told.hidden = !typed;
      told.className = left < 0 ? "field-error" : "small quiet";
      told.ariaLive = left < 50 ? "polite" : "off";  // read out when it begins to matter
      told.textContent = (left < 0 ? words.over : words.left).replace("{count}", Math.abs(left));
    };
    field.addEventListener("input", tell);
    tell();
  }

  document.addEventListener("keydown", (event) => {
    clearTimeout(decision);
    if (event.key === "Escape") return leave(event);
    const alone = event.timeStamp - last >= ALONE;
    last = event.timeStamp;
    const typing = event.target.matches("textarea, select, input:not([type=checkbox])");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const key = event.key.toLowerCase();
    const act = keys[key];
    if (act && (alone || !"td".includes(key))) {
      event.preventDefault();
      act();
    }
  });
})();
