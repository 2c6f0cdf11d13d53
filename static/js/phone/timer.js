// A clock for what is measured. It runs while the screen is dark, and through a reload; the number can always be typed.
"use strict";
smile.timers = ({ form, user, visit, words }) => {
  const SECONDS = { minutes: 60, seconds: 1, hours: 3600 };
  const comma = document.documentElement.lang === "vi" ? "," : ".";
  const two = (number) => String(number).padStart(2, "0");

  function clock(started) {
    const seconds = Math.max(0, Math.floor((Date.now() - started) / 1000));
    const hours = Math.floor(seconds / 3600);
    return `${hours ? `${hours}:` : ""}${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  }

  function add(measure, running) {
    const box = measure.closest("fieldset.criterion");
    const input = measure.querySelector("input");
    const button = document.createElement("button");
    const face = document.createElement("output");
    let record = running;
    let ticking;
    button.type = "button";
    button.className = "btn btn-quiet btn-sm";
    face.className = "clock";

    function show() {
      clearInterval(ticking);
      face.hidden = !record;
      button.textContent = record ? words.stop_timer : words.start_timer;
      if (!record) return;
      face.textContent = clock(record.at);
      ticking = setInterval(() => (face.textContent = clock(record.at)), 1000);
    }

    button.addEventListener("click", async () => {
      if (record) {
        const seconds = (Date.now() - record.at) / 1000;
        input.value = (seconds / SECONDS[measure.dataset.timer]).toFixed(1).replace(".", comma);
        input.dispatchEvent(new Event("input", { bubbles: true }));
        await smile.store.timers.forget(record);
        record = null;
      } else {
        record = { user, visit, code: box.id, at: Date.now() };
        await smile.store.timers.keep(record);
      }
      show();
    });
    measure.append(button, face);
    show();
  }

  smile.store.timers.of(user).then((records) => {
    for (const measure of form.querySelectorAll("[data-timer]")) {
      if (!(measure.dataset.timer in SECONDS)) continue; // how many times is counted, not timed
      const code = measure.closest("fieldset.criterion").id;
      add(measure, records.find((record) => record.visit === visit && record.code === code) ?? null);
    }
  });
};
