// The phone form with a script: what is typed is on the phone at once, and on the server when there is a way.
"use strict";
(() => {
  const form = document.querySelector("form[data-visit]");
  if (!form || !smile.able) return;
  const { user, visit, url, cookie } = form.dataset;
  const words = JSON.parse(document.getElementById("phone-words").textContent);
  const bar = form.querySelector("[data-outbox]");
  const TYPING = 400; // milliseconds after the last letter
  const timers = new Map();
  const shown = new Map(); // the id of the change that each question shows, by its code
  const touched = new Set(); // questions answered on this page: what is laid over it comes too late for them
  const writing = new Set(); // what is on its way to the phone's disk
  let works = true; // false once the phone cannot keep: then the form is sent as without a script

  const boxes = () => [...form.querySelectorAll("fieldset.criterion")];
  const seen = (box) => box.querySelector(`[name="${box.id}-seen"]`);
  const inputs = (box) => [...box.elements].filter((each) => each.name && each.type !== "file" && each !== seen(box) && each.tagName !== "BUTTON");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

  const whole = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd"); // half of a letter can be neither sent nor kept

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
      else if (input !== document.activeElement) input.value = value;
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

  async function write(box) {
    clearTimeout(timers.get(box));
    timers.delete(box);
    await laid;
    const record = {
      user,
      visit,
      code: box.id,
      url,
      page: location.pathname,
      id: crypto.randomUUID(),
      fields: fieldsOf(box),
      said: smile.said(inputs(box)),
      seen: Number(seen(box).value),
      at: Date.now(),
      state: "waiting",
    };
    try {
      await smile.store.changes.change(record, (before) => over(before, record));
    } catch {
      works = false;
      bar.textContent = words.no_room;
      return;
    }
    shown.set(box.id, record.id);
    say(box, record);
    smile.outbox.drain();
  }

  // The records to keep when `record` is typed where `before` is kept. It says over which changes that the server may
  // have it was typed; what another tab has typed and this page has not seen goes its own way, beside it.
  function over(before, record) {
    const isOwn = before?.id === shown.get(record.code);
    if (isOwn && before?.state === "sent") return [{ ...record, seen: Math.max(record.seen, before.seen) }];
    if (!before || before.state === "sent") return [record];
    const after = before.tried ? [...(before.after ?? []), before.id] : before.after;
    if (isOwn) return [{ ...record, after }];
    if (["conflict", "refused", "aside"].includes(before.state)) return [record]; // the server has it, for its reviewer to read
    return [{ ...before, code: `${before.code} ${before.id}`, criterion: before.code }, record];
  }

  function keep(box) {
    const going = write(box).finally(() => writing.delete(going));
    writing.add(going);
    return going;
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
      shown.set(record.code, record.id);
      if (record.state === "sent") seen(box).value = record.seen;
      if (touched.has(box)) continue;
      show(box, record.fields);
      say(box, record);
    }
  }

  form.addEventListener("input", (event) => {
    const box = event.target.closest("fieldset.criterion");
    if (!works || !box || event.target.type === "file" || event.target === seen(box)) return;
    touched.add(box);
    clearTimeout(timers.get(box));
    say(box, null); // what stands there now is nowhere yet
    timers.set(box, setTimeout(() => keep(box), event.target.type === "radio" ? 0 : TYPING));
  });
  addEventListener("pagehide", keepAll);
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
    bar.textContent = goesOn ? `${words.sending} ${howFar}` : howFar;
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
    const box = record && document.getElementById(record.criterion ?? record.code);
    if (!box || record.id !== shown.get(box.id)) return; // another tab's: what stands here was not typed over it
    if (record.state === "sent" || record.state === "waiting") seen(box).value = record.seen;
    if (!timers.has(box)) say(box, record);
  });

  const pictures = smile.photos({ form, user, visit, url: form.dataset.photos, grace: 1000 * form.dataset.grace, words, isSafe, keepAll, works: () => works });
  smile.keepAll = () => keepAll().then(pictures.kept);
  smile.timers({ form, user, visit, words });
  const laid = layOver().then(() => void smile.outbox.start({ user, cookie, visit }), () => (works = false));
})();
