// The phone form with a script: what is typed is on the phone at once, and on the server when there is a way.
"use strict";
(() => {
  const form = document.querySelector("form[data-visit]");
  if (!form || !smile.able) return;
  const { user, visit, url, cookie } = form.dataset;
  const words = JSON.parse(document.getElementById("phone-words").textContent);
  const bar = form.querySelector("[data-outbox]");
  const TYPING = 400; // milliseconds after the last letter
  const LONGEST = 3000; // after the first: whoever types on and on is kept, too
  const timers = new Map();
  const shown = new Map(); // the id of the change that each question shows, by its code
  const touched = new Set(); // names of fields typed in on this page: what is laid over it comes too late for them
  const writing = new Set(); // what is on its way to the phone's disk
  const going = new Map(); // the same, as it is written, by its question
  const where = document.querySelector(".whose")?.textContent.trim(); // which visit, in words
  let works = true; // false once the phone cannot keep: then the form is sent as without a script

  const boxes = () => [...form.querySelectorAll("fieldset.criterion")];
  const seen = (box) => box.querySelector(`[name="${box.id}-seen"]`);
  const inputs = (box) => [...box.elements].filter((each) => each.name && each.type !== "file" && each !== seen(box) && each.tagName !== "BUTTON");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

  const whole = (text) => text.replace(/[\0\p{Surrogate}]/gu, "\ufffd"); // half of a letter, or none, can be neither sent nor kept

  function fieldsOf(box) {
    const fields = {};
    for (const input of inputs(box)) {
      if (input.type === "radio") fields[input.name] = input.checked ? input.value : fields[input.name] ?? "";
      else fields[input.name] = whole(input.value);
    }
    return fields;
  }

  function show(box, fields) {
    for (const input of inputs(box)) {
      const value = fields[input.name] ?? "";
      if (input.type === "radio") input.checked = input.value === value;
      else if (input.value !== value) input.value = value; // else the cursor stays
    }
  }

  function say(box, record) {
    const line = box.querySelector("[data-state]");
    const state = record?.state ?? "";
    line.hidden = !state;
    line.className = smile.look(state);
    line.role = ["conflict", "invalid", "refused", "too_large"].includes(state) ? "alert" : "";
    line.textContent = (state === "invalid" && record.errors?.join(" ")) || (words[state] ?? "");
    if (state === "conflict") smile.offer(line, record, words, { mine: () => keepMine(box, record), theirs: () => takeTheirs(box, record) });
  }

  function keepMine(box, record) {
    seen(box).value = record.revision;
    keep(box);
  }

  async function takeTheirs(box, record) {
    seen(box).value = record.revision;
    show(box, record.fieldsThere);
    await smile.store.changes.forget(record);
    shown.delete(box.id);
    say(box, null);
  }

  const recordOf = (box) => ({
    user,
    visit,
    code: box.id,
    url,
    page: location.pathname,
    where,
    id: crypto.randomUUID(),
    fields: fieldsOf(box),
    said: smile.said(inputs(box)),
    seen: Number(seen(box).value),
    at: Date.now(),
    state: "waiting",
  });

  async function write(box) {
    clearTimeout(timers.get(box)?.timer);
    timers.delete(box);
    going.set(box.id, recordOf(box));
    await laid;
    const record = recordOf(box);
    going.set(box.id, record);
    try {
      await smile.store.changes.change(record, (before) => smile.over(before, record, [shown.get(box.id)]));
    } catch {
      works = false;
      bar.textContent = words.no_room;
      return;
    }
    if (going.get(box.id) === record) going.delete(box.id);
    shown.set(box.id, record.id);
    say(box, record);
    smile.outbox.drain();
  }

  // What has not reached the disk when the page goes away: a transaction that still reads would be broken off.
  function leave() {
    for (const box of boxes()) {
      const record = timers.has(box) ? recordOf(box) : going.get(box.id);
      if (!works || !record) continue;
      smile.leave("changes", record, [shown.get(box.id), going.get(box.id)?.id]);
      clearTimeout(timers.get(box)?.timer);
      timers.delete(box);
      shown.set(box.id, record.id); // where the page comes back, it is its own
    }
  }

  function keep(box) {
    const written = write(box).finally(() => writing.delete(written));
    writing.add(written);
    return written;
  }

  const isSafe = () => !timers.size && !writing.size;
  const keepAll = () => ([...timers.keys()].forEach(keep), Promise.all(writing));

  // What this phone holds is newer than the page, unless the server has taken it or somebody wrote over it since. What is
  // with the reviewer is no answer: the checking page shows it.
  async function layOver() {
    for (const record of await smile.store.changes.of(user)) {
      const box = record.visit === visit && document.getElementById(record.code);
      if (!box || !form.contains(box)) continue;
      if (["aside", "refused"].includes(record.state) || (record.state === "sent" && Number(seen(box).value) >= record.seen)) continue;
      const typed = inputs(box).filter(({ name }) => touched.has(name));
      // Typed before it was shown what stands there: the two texts go beside one another.
      if (typed.some(({ type, name, defaultValue }) => type !== "radio" && defaultValue !== record.fields[name])) continue;
      shown.set(record.code, record.id);
      if (record.state === "sent") seen(box).value = record.seen;
      const here = fieldsOf(box);
      show(box, { ...record.fields, ...Object.fromEntries(typed.map(({ name }) => [name, here[name]])) });
      if (!typed.length) say(box, record);
    }
  }

  form.addEventListener("input", (event) => {
    const box = event.target.closest("fieldset.criterion");
    if (!works || !box || event.target.type === "file" || event.target === seen(box)) return;
    touched.add(event.target.name);
    const { timer, since = Date.now() } = timers.get(box) ?? {};
    clearTimeout(timer);
    say(box, null); // what stands there now is nowhere yet
    const wait = event.target.type === "radio" ? 0 : Math.min(TYPING, since + LONGEST - Date.now());
    timers.set(box, { since, timer: setTimeout(keep, wait, box) });
  });
  addEventListener("pagehide", leave);
  addEventListener("pageshow", ({ persisted }) => persisted && (laid = smile.catchUp(user))); // it left something when it went
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keepAll());

  let passed = false; // the next submit is the browser's own
  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!works) return;
    if (passed) return void (passed = false); // once: the browser may be stopped, and its button pressed again
    event.preventDefault();
    await keepAll();
    await pictures.kept();
    const plain = !button?.name && !button?.hasAttribute("formaction");
    const files = [...form.querySelectorAll("input[type=file]")].some((each) => each.files.length);
    if (works && plain && !files && form.dataset.next) {
      if (form.dataset.next.includes("/check/")) await Promise.race([smile.outbox.drain(), new Promise((resolve) => setTimeout(resolve, 1500))]); // it counts what is there
      location.assign(form.dataset.next);
      return;
    }
    if (works && ((await smile.outbox.drain()) !== true || !(await smile.outbox.reaches()))) {
      bar.textContent = words.needs_network;
      return;
    }
    if (button?.name === "remove") await pictures.forget(button.value);
    passed = true;
    form.requestSubmit(button);
  });

  // What the server has of the visit, as it said last; the page itself says it first, unless it is a copy of before.
  const there = { answers: Number(bar.dataset.answers), asked: Number(bar.dataset.asked), photos: Number(bar.dataset.pictures) };
  let turn = 0; // counts what the bar was told, so that what is found out late overwrites nothing newer

  // Photos are counted among those that the server has and those on this phone that it has not.
  async function sayHowFar(goesOn) {
    const mine = turn;
    const ours = async (kind) => (await kind.of(user)).filter((record) => record.visit === visit);
    const [changes, photos, received] = await Promise.all([smile.store.changes, smile.store.photos, smile.store.received].map(ours));
    if (mine !== turn) return;
    if (received[0]?.at >= bar.dataset.at) Object.assign(there, received[0]);
    const turnedAway = [...changes, ...photos].find(({ state }) => ["gone", "not_started"].includes(state));
    const all = there.photos + photos.filter(({ state, code }) => state === "waiting" && code.includes("-")).length;
    const howFar = turnedAway ? words[turnedAway.state] : fill(all ? words.received_photos : words.received, { ...there, all });
    const wants = changes.some(({ code, state }) => ["conflict", "invalid", "too_large"].includes(state) && document.getElementById(code));
    bar.textContent = [goesOn && words.sending, howFar, wants && words.marked].filter(Boolean).join(" ");
  }

  smile.outbox.told.addEventListener("state", ({ detail }) => {
    if (detail.visit && detail.visit !== visit) return;
    turn += 1;
    if (detail.state === "received") Object.assign(there, detail);
    if (["received", "sending", "sent"].includes(detail.state)) sayHowFar(detail.state === "sending");
    else if (detail.state === "log_in") {
      const link = document.createElement("a");
      link.href = form.dataset.login;
      link.textContent = words.log_in_link;
      bar.replaceChildren(words.log_in, " ", link);
    } else if (words[detail.state]) bar.textContent = words[detail.state];
  });
  smile.outbox.told.addEventListener("change", async ({ detail }) => {
    const record = (await smile.store.changes.of(user)).find((each) => each.visit === visit && each.code === detail.code);
    const box = record && document.getElementById(smile.codeOf(record));
    if (!box || record.id !== shown.get(box.id)) return; // another tab's: what stands here was not typed over it
    if (record.state === "sent" || record.state === "waiting") seen(box).value = record.seen;
    if (!timers.has(box) && !going.has(box.id)) say(box, record);
  });

  const pictures = smile.photos({ form, user, visit, url: form.dataset.photos, grace: 1000 * form.dataset.grace, words, isSafe, keepAll, works: () => works });
  smile.keepAll = () => keepAll().then(pictures.kept);
  let laid = smile.catchUp(user).then(layOver).then(() => void smile.outbox.start({ user, cookie, visit }), () => (works = false));
})();

// A clock for what is measured. It runs while the screen is dark, and through a reload; the number can always be typed.
(() => {
  const form = document.querySelector("form[data-visit]");
  if (!form || !smile.keepAll) return;
  const { user, visit } = form.dataset;
  const words = JSON.parse(document.getElementById("phone-words").textContent);
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
        const seconds = Math.max(0, Date.now() - record.at) / 1000;
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
})();

// "The rest does not apply": marks each open question of the page, with the one reason, as if it had been tapped.
(() => {
  const button = document.querySelector("[name=rest_na]");
  if (!button || !smile.keepAll) return; // without the form's own script the server marks them
  const { form } = button;
  const reason = form.elements.rest_na_reason;
  const says = (each) => (each.type === "radio" ? each.checked : /-(number|text)$/.test(each.name) && each.value.trim());

  button.addEventListener("click", (event) => {
    event.preventDefault();
    reason.value = reason.value.trim();
    reason.required = true;
    if (!reason.reportValidity()) return;
    for (const mark of form.querySelectorAll(".na input")) {
      const box = mark.closest("fieldset");
      if ([...box.elements].some(says)) continue;
      form.elements[`${box.id}-reason`].value = reason.value;
      mark.checked = true;
      mark.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
})();

// How many of the marks are made: on the phone, whatever the server has.
(() => {
  const count = document.querySelector("[data-count]");
  if (!count || !smile.keepAll) return;
  const boxes = [...document.querySelectorAll("fieldset.criterion")];
  const isMade = (each) => (each.type === "radio" ? each.checked : each.inputMode === "decimal" && each.value.trim());
  const show = () => (count.textContent = `${boxes.filter((box) => [...box.elements].some(isMade)).length}/${boxes.length}`);
  addEventListener("input", show);
  smile.outbox.told.addEventListener("state", show); // first when what the phone holds has been laid over the page
})();
