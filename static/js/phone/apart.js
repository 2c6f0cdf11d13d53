// Besides the questions: what of a visit is not with the server, shown where it wants its owner, waited for by the
// submission, and counted; and the forms that go by themselves, kept as they are typed.
"use strict";

// What a phone holds and the server did not take as an answer or as a photo: shown with its text or its picture, for its
// owner to copy, to leave to the reviewer or to discard. Nothing else takes it off the phone while the server has it not.
// Keeps `place` showing the records that `fits` takes. `opens` says of a record whether its question can be changed now.
smile.leftovers = ({ place, user, words, fits, opens = () => false }) => {
  const { changes, photos, forms } = smile.store;
  const kinds = { changes, photos, forms };
  const elsewhere = ["waiting", "sent", "aside", "removed", "draft", "follows", "kind", "blocked"]; // on their way, at the server, or at their page
  const list = place.querySelector("ul");
  let shown; // what the list shows, to leave it and its focus alone while that is so

  const make = (name, more = {}) => Object.assign(document.createElement(name), more);

  function say(name, record) {
    const own = { photos: `photo_${record.state}`, forms: `form_${record.state}` }[name];
    const text = record.errors?.join(" ") || words[own] || words[record.state];
    return make("p", { className: smile.look(record.state), textContent: text });
  }

  const textOf = (record) => record.said || Object.values(record.fields).filter(Boolean).join(" · ");

  function content(name, record) {
    if (name === "forms") return [make("q", { textContent: textOf(record) })];
    if (name === "changes") return [make("q", { textContent: textOf(record) }), ...(record.theirs ? [make("p", { textContent: `${words.stored} ${record.theirs}` })] : [])];
    const address = URL.createObjectURL(record.blob);
    return [make("img", { src: address, alt: "", width: 96, height: 96 }), make("a", { href: address, download: `${record.code}.jpg`, textContent: words.download })];
  }

  function item([name, record]) {
    const line = make("li");
    const code = record.title ?? smile.codeOf(record);
    const when = new Date(record.at).toLocaleString(document.documentElement.lang);
    line.append(make("b", { textContent: code }), ` ${record.where ?? ""} · ${when}`, say(name, record), ...content(name, record));
    const button = (word, act) => {
      const made = make("button", { type: "button", className: "btn btn-quiet btn-sm", textContent: words[word], onclick: act });
      made.setAttribute("aria-label", `${words[word]}, ${code}`);
      line.append(" ", made);
    };
    const send = async (more) => {
      await kinds[name].amend(record, (now) => (now.id === record.id ? { ...more, state: "waiting" } : {}));
      await draw();
      smile.outbox.drain();
    };
    if (name !== "photos") button("copy", () => navigator.clipboard.writeText(textOf(record)));
    if (["conflict", "invalid"].includes(record.state) && name === "changes") button("hand_over", () => send({ isAside: true }));
    if (record.state === "refused" && name === "photos" && opens(record)) button("retry", () => send({ until: 0 }));
    button("discard", async () => {
      const isThere = name === "changes" && ["conflict", "refused"].includes(record.state);
      if (!isThere && !confirm(words.discard_sure)) return;
      await kinds[name].forget(record);
      draw();
    });
    return line;
  }

  async function draw() {
    const found = [];
    for (const [name, kind] of Object.entries(kinds)) {
      for (const record of await kind.of(user)) if (fits(record) && !elsewhere.includes(record.state)) found.push([name, record]);
    }
    const now = found.map(([, { id, state }]) => id + state).join();
    if (now === shown) return;
    shown = now;
    for (const picture of list.querySelectorAll("img")) URL.revokeObjectURL(picture.src);
    list.replaceChildren(...found.map(item));
    place.hidden = !found.length;
  }

  for (const news of ["change", "photo", "form"]) smile.outbox.told.addEventListener(news, draw);
  return draw();
};

// On "My visits": what belongs to none of the visits that have a checking page, for one that has gone to somebody else.
(() => {
  const place = document.querySelector("[data-leftovers][data-user]");
  if (!place || !smile.able) return;
  const { user, cookie, visits } = place.dataset;
  const words = JSON.parse(document.getElementById("phone-words").textContent);
  const fits = (record) => !visits.split(" ").includes(record.visit);
  smile.leftovers({ place, user, words, fits }).then(() => smile.outbox.start({ user, cookie }), () => {});
})();

// Submitting from a phone: only once the server has all that this phone keeps, and it is told what that is.
(() => {
  const form = document.querySelector("form[data-open]");
  if (!form || !smile.able) return;
  const { user, visit, cookie } = form.dataset;
  const words = JSON.parse(document.getElementById("phone-words").textContent);
  const line = form.querySelector("[data-outbox]");
  let passed = false; // the next submit is the browser's own
  let busy = false; // a second tap has nothing to add to the first
  smile.isBusy = () => busy;

  const ours = async (kind) => (await kind.of(user)).filter((record) => record.visit === visit);
  const open = form.dataset.open.split(" "); // the questions that can be changed now
  const opens = (record) => open.includes(smile.codeOf(record));

  // Whether a record stands in the way. What was refused for good or put aside does not, nor what can be mended no more
  // because its question is closed: its owner sees it below, and is not kept from submitting the rest. Nor does a report
  // that was begun, or its photo.
  function waits(name, record) {
    const { state, code } = record;
    if (state === "removed") return record.tried;
    if (["draft", "follows"].includes(state) && code !== "met") return false;
    if (["sent", "aside", "refused"].includes(state)) return false;
    return opens(record) || (name !== "forms" && !["conflict", "invalid", "too_large"].includes(state));
  }

  // Says how much is not there yet, with links to the questions that want their writer; how many those and the others are.
  async function left() {
    const kinds = ["changes", "photos", "forms"];
    const all = await Promise.all(kinds.map(async (name) => (await ours(smile.store[name])).filter((each) => waits(name, each))));
    const says = [words.unsent, words.unsent_photos, words.unsent_forms].map((text, kind) => (all[kind].length ? text.replace("{number}", all[kind].length) : ""));
    const wanting = all.flat().filter((record) => record.page && record.state !== "waiting");
    const links = [...new Map(wanting.map((record) => [smile.codeOf(record), record])).values()].map(linkTo);
    line.replaceChildren(says.filter(Boolean).join(" "), ...(links.length ? [` ${words.look_at} `, ...links.flatMap((link) => [link, " "])] : []));
    return all.flat().length;
  }

  function linkTo(record) {
    const code = smile.codeOf(record);
    const link = document.createElement("a");
    link.href = `${record.page}?then=check#${code}`;
    link.textContent = record.title ?? code.replace(/^.*-/, ""); // as the question is called on its page
    return link;
  }

  // What the page says is not on the server, or is not there any more: the phone sends it again, or forgets it.
  async function mend({ missing, removed }) {
    const named = (ids, record) => ids.includes(record.there?.id ?? record.id);
    for (const [name, kind] of [["changes", smile.store.changes], ["photos", smile.store.photos]]) {
      for (const record of await ours(kind)) {
        if (named(removed, record) || (named(missing, record) && name === "photos" && !record.blob)) await kind.forget(record);
        else if (named(missing, record)) await kind.amend(record, () => ({ state: "waiting", until: 0 }));
      }
    }
  }

  form.addEventListener("submit", async (event) => {
    if (passed) {
      passed = false;
      return;
    }
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      await smile.outbox.release(visit);
      const went = await smile.outbox.drain();
      if (await left()) {
        if (words[went]) line.append(` ${words[went]}`);
      } else if (!(await smile.outbox.reaches())) line.textContent = words.needs_network;
      else return await submit(event.submitter);
    } catch {
      line.textContent = words.try_again; // the phone's storage did not answer
    }
    busy = false;
  });

  async function submit(button) {
    const isSent = ({ state }) => state === "sent";
    const changes = (await ours(smile.store.changes)).filter(isSent).map((each) => [each.id, smile.codeOf(each)]);
    const photos = (await ours(smile.store.photos)).filter(isSent).map(({ there, code, sha256 }) => [there.id, code, sha256]);
    form.elements.declared.value = JSON.stringify({ changes, photos });
    passed = true;
    form.requestSubmit(button);
    setTimeout(() => (busy = false), 3000); // the browser may be stopped: then its button has another go
  }

  smile.outbox.told.addEventListener("change", left);
  smile.outbox.told.addEventListener("photo", left);
  smile.outbox.told.addEventListener("form", left);
  addEventListener("pageshow", () => (busy = false)); // back from where the form led
  const differs = document.getElementById("differs");
  const mended = differs ? mend(JSON.parse(differs.textContent)) : Promise.resolve();
  const shown = () => smile.leftovers({ place: form.querySelector("[data-leftovers]"), user, words, fits: (record) => record.visit === visit, opens });
  mended.then(left).then(shown).then(() => smile.outbox.start({ user, cookie, visit }), () => form.addEventListener("submit", () => (passed = true), true));
})();

// On a page that counts what the server has of a visit: what of it waits on this phone, and the page anew once it has gone.
(() => {
  const line = document.querySelector("[data-waits]");
  if (!line || !smile.able) return;
  const { user, waits: visit } = line.dataset;
  const { changes, photos, forms } = smile.store;
  let some = false; // something has waited since the page came

  async function draw() {
    const own = async (kind) => (await kind.of(user)).filter((record) => record.visit === visit);
    const all = (await Promise.all([changes, photos, forms].map(own))).flat();
    const here = all.filter(({ state }) => !["sent", "aside", "refused", "removed"].includes(state));
    const codes = here.map(smile.codeOf);
    for (const mark of document.querySelectorAll("[data-codes]")) {
      mark.hidden = !mark.dataset.codes.split(" ").some((code) => codes.includes(code));
    }
    line.hidden = !here.length;
    line.querySelector("b").textContent = here.length;
    const waiting = all.some(({ state }) => state === "waiting");
    if (some && !waiting && !smile.isBusy?.()) location.reload();
    some ||= waiting;
  }

  for (const news of ["change", "photo", "form", "state"]) smile.outbox.told.addEventListener(news, () => draw().catch(() => {}));
  draw().catch(() => {});
})();

// Forms besides the questions, and submissions: kept as they are typed, and sent from there once their button is pressed.
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
  let going; // the newest of what is on its way to the phone's disk
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
    const record = (going = recordOf({ state, ...more })); // a second one may begin before this one is on the disk
    const [put = record] = await smile.store.forms.change(record, (before) => smile.beside(before, record, [known?.id]));
    if (going === record) going = null;
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
    smile.leave("forms", record, [known?.id, going?.id]);
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
    clearTimeout(timer);
    timer = going = null;
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
