// Forms besides the questions, and submissions: kept as they are typed, and sent from there once their button is pressed.
"use strict";
(() => {
  const form = document.querySelector("form[data-form], form:has([data-sends])");
  if (!form || !smile.able) return;
  const { user, visit, cookie } = form.dataset;
  const button = form.querySelector("[data-sends]"); // on a page of questions: it submits, after all else has gone
  const code = form.dataset.form ?? "follow_up";
  const url = button?.dataset.sends ?? form.dataset.url; // none where a photo is all there is to send
  const words = JSON.parse(document.getElementById("phone-words").textContent);
  const line = form.querySelector("[data-posting]") ?? form.querySelector("[data-outbox]");
  const kinds = [...form.querySelectorAll("[name=kind]")];
  const TYPING = 400; // milliseconds after the last letter
  const OURS = ["csrfmiddlewaretoken", "form-owner"];
  const grace = 1000 * form.dataset.grace; // what was pressed and is typed on waits so long, so that no half of a text goes
  let works = true; // false once the phone cannot keep: then the form is sent as without a script
  let pressed = false;
  let busy = false; // a second tap has nothing to add to the first
  let passed = false; // the next submit is the browser's own
  let timer;
  let known; // the record that this page shows, or has made
  let going; // what is on its way to the phone's disk
  const where = document.querySelector(".whose")?.textContent.trim(); // which visit, in words

  const typed = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !OURS.includes(name));
  const ours = async (kind) => (await kind.of(user)).filter((record) => record.visit === visit);
  const picked = async () => (await ours(smile.store.photos)).filter(({ code, state }) => lists.includes(code) && state !== "removed");
  const lists = [...form.querySelectorAll("[data-photos]")].map((list) => list.closest("fieldset").id);
  const own = async () => (await ours(smile.store.forms)).find((record) => record.code === code);

  function show(fields) {
    for (const input of form.elements) {
      if (input.type === "radio") input.checked = input.value === (fields[input.name] ?? "");
      else if (input.name in fields) input.value = fields[input.name];
    }
  }

  function say(record, went) {
    const { state } = record;
    line.className = smile.look(state);
    line.role = ["conflict", "invalid", "refused", "blocked", "kind", "no_photo"].includes(state) ? "alert" : "status";
    line.textContent = record.errors?.join(" ") || (state === "refused" ? words.form_refused : words[state]);
    if (state === "conflict") smile.offer(line, record, words, { mine: press, theirs: () => takeTheirs(record) });
    if (state !== "waiting") return;
    if (words[went] && went !== "sent") line.textContent = words[went]; // what is held back has not gone with the rest
    if (went === "log_in") line.append(" ", Object.assign(document.createElement("a"), { href: form.dataset.login, textContent: words.log_in_link }));
  }

  async function takeTheirs({ stateThere, fieldsThere }) {
    show(fieldsThere);
    if (stateThere) return keep(stateThere, {}).then(() => smile.outbox.drain()); // another tab's, which is nowhere else
    await smile.store.forms.forget(known);
    known = null;
    line.textContent = "";
  }

  // What there is now to say; the way on once all has gone.
  async function tell(went) {
    const record = url ? await own() : (await picked()).find(({ state }) => state !== "sent");
    if (record?.id === known?.id) known = record;
    if (record && record.state !== "sent") say(record, went);
    else if (pressed) leave();
    else if (record) say(record);
  }

  // The page may be a copy that knows nothing of whence it is looked at now.
  function leave() {
    pressed = false;
    location.assign((button ?? form).dataset.next + (/\bthen=check\b/.test(location.search) ? "check/" : ""));
  }

  // The stamps of what the writer has seen told: as the page showed it, and whatever of this page's may be there.
  const over = (seen) => [...new Set(`${seen} ${known?.fields.seen ?? ""} ${known && known.state !== "draft" ? known.id : ""}`.split(" "))].slice(-50).join(" ").trim();

  function recordOf(more) {
    const fields = button ? {} : Object.fromEntries(typed());
    if (fields.seen !== undefined) fields.seen = over(fields.seen);
    const about = [...form.querySelectorAll("fieldset.criterion")].map(({ id }) => id);
    const said = button ? "" : smile.said(form.elements);
    return { user, visit, code, url, page: location.pathname, title, where, about, isLast: !!button, id: crypto.randomUUID(), fields, said, at: Date.now(), ...more };
  }

  async function keep(state, more) {
    clearTimeout(timer);
    timer = 0;
    going = recordOf({ state, ...more });
    const [put] = await smile.store.forms.change(going, (before) => smile.beside(before, going, [known?.id]));
    going = null;
    say((known = put));
    return put.state;
  }

  function fail() {
    works = false;
    line.textContent = words.no_room;
  }

  // What is typed on: what was pressed waits on, a little, and two texts wait for their writer's word.
  const typedOn = () => {
    const { state, theirs, stateThere, fieldsThere } = known ?? {};
    if (state === "conflict") return [state, { theirs, stateThere, fieldsThere }];
    return state === "waiting" ? [state, { until: Date.now() + grace }] : ["draft", {}];
  };

  const draft = () => keep(...typedOn()).then(() => smile.outbox.drain()).catch(fail);

  function goAway() {
    if (!works || !(timer || going)) return;
    const [state, more] = typedOn();
    const record = timer ? recordOf({ state, ...more }) : going;
    smile.store.late.leave(record, [known?.id, going?.id]);
    clearTimeout(timer);
    timer = 0;
    known = record;
  }

  async function press() {
    if (busy) return;
    busy = true;
    try {
      await smile.keepAll?.(); // of the questions, too
      await pictures?.kept();
      if (known?.state === "conflict" && form.elements.seen) form.elements.seen.value += ` ${known.fieldsThere.seen}`; // both have been seen
      if (url && (await keep("waiting")) === "conflict") return void (busy = false);
      // They wait for the report from now on, and no longer go away with one that was only begun.
      for (const photo of await picked()) if (photo.state === "draft") await smile.store.photos.amend(photo, () => ({ state: "follows" })).then(() => pictures.redraw(photo));
    } catch {
      busy = false;
      return fail();
    }
    if (!url && !(await picked()).length && !form.querySelector("[data-stored]")) {
      busy = false;
      return say({ state: "no_photo" });
    }
    pressed = true;
    if (code !== "met") await smile.outbox.release(visit); // whoever sends covers nothing more
    const went = await smile.outbox.drain();
    busy = false;
    await tell(went);
  }

  // What the page itself shows is taken back by its form, which needs a network.
  async function takeBack(submitter) {
    if (!(await smile.outbox.reaches())) return void (line.textContent = words.needs_network);
    await pictures?.forget(submitter.value);
    passed = true;
    form.requestSubmit(submitter);
  }

  if (button) {
    button.addEventListener("click", (event) => {
      if (!works) return;
      event.preventDefault();
      press();
    });
  } else {
    form.noValidate = true; // what is missing is said when it has been kept
    form.addEventListener("submit", (event) => {
      if (!works) return;
      if (passed) return void (passed = false);
      event.preventDefault();
      if (event.submitter?.name) takeBack(event.submitter);
      else press();
    });
    form.addEventListener("input", ({ target }) => {
      if (!works || !url || target.type === "file") return;
      clearTimeout(timer);
      timer = setTimeout(draft, target.type === "radio" ? 0 : TYPING);
    });
    addEventListener("pagehide", goAway);
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && timer && draft());
  }

  form.querySelector("[data-cancel]")?.addEventListener("click", async (event) => {
    event.preventDefault();
    const record = await own();
    if (record) await smile.store.forms.forget(record);
    for (const photo of await picked()) await pictures.leaveOut(photo);
    location.assign(event.target.href);
  });

  // A photo of no question: of the door it goes once the report has; a proof, once it says what is in the picture.
  const kind = () => kinds.find((each) => each.checked)?.value ?? "";
  const title = document.querySelector("h1").textContent.trim();
  const more = () => ({ title, ...(kinds.length ? { kind: kind(), state: kind() ? "waiting" : "kind" } : { state: "draft" }) });
  const pictures = lists.length
    ? smile.photos({ form, user, visit, url: form.dataset.photos, grace, words, isSafe: () => !timer && !going, keepAll: async () => timer && draft(), works: () => works, more })
    : null;
  for (const each of kinds) each.addEventListener("change", async () => (await picked()).forEach((photo) => pictures.named(photo, kind())));

  async function layOver() {
    known = url && (await own());
    if (known && known.state !== "sent") {
      if (!button) show(known.fields);
      say(known);
    }
    for (const photo of await picked()) if (photo.kind) show({ kind: photo.kind });
  }

  smile.outbox.told.addEventListener("state", ({ detail }) => pressed && !busy && tell(detail.state));
  for (const news of ["form", "photo"]) smile.outbox.told.addEventListener(news, ({ detail }) => detail.visit === visit && !busy && tell());
  smile.keepAll ??= async () => timer && draft();
  smile.catchUp(user).then(layOver).then(() => button || smile.outbox.start({ user, cookie }), fail);
})();

// Where the phone is: read once, when its owner presses the button, and sent with the form.
(() => {
  const form = document.querySelector("form[data-place]");
  if (!form || !navigator.geolocation) return;
  const LONGEST = 30_000; // milliseconds for the phone to find out
  const words = JSON.parse(document.getElementById("place-words").textContent);
  const line = form.querySelector("[data-says]");
  const button = form.querySelector("button");
  let passed = false; // the next submit is the browser's own

  function found({ coords }) {
    for (const name of ["latitude", "longitude", "accuracy"]) form.elements[name].value = coords[name];
    passed = true;
    form.requestSubmit();
  }

  function failed({ code, PERMISSION_DENIED, TIMEOUT }) {
    line.textContent = words[code === PERMISSION_DENIED ? "denied" : code === TIMEOUT ? "late" : "unavailable"];
    button.disabled = false;
  }

  form.addEventListener("submit", (event) => {
    if (passed || !form.elements.is_agreed.checked) return; // without consent nothing is asked; the server says so
    event.preventDefault();
    if (!navigator.onLine) {
      line.textContent = words.offline;
      return;
    }
    button.disabled = true;
    line.textContent = words.asking;
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: LONGEST, maximumAge: 0 });
  });
  button.hidden = false;
})();
