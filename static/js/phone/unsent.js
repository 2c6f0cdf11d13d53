// What of a visit is not with the server: shown where it wants its owner, waited for by the submission, and counted.
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
    const code = record.title ?? record.criterion ?? record.code;
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
  const form = document.querySelector("form[data-visit]");
  if (!form || !smile.able) return;
  const { user, visit, cookie } = form.dataset;
  const words = JSON.parse(document.getElementById("phone-words").textContent);
  const line = form.querySelector("[data-outbox]");
  let passed = false; // the next submit is the browser's own
  let busy = false; // a second tap has nothing to add to the first
  smile.isBusy = () => busy;

  const ours = async (kind) => (await kind.of(user)).filter((record) => record.visit === visit);
  const open = form.dataset.open.split(" "); // the questions that can be changed now
  const opens = (record) => open.includes(record.criterion ?? record.code);

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
    const links = all.flat().filter((record) => record.page && record.state !== "waiting").map(linkTo);
    line.replaceChildren(says.filter(Boolean).join(" "), ...(links.length ? [` ${words.look_at} `, ...links.flatMap((link) => [link, " "])] : []));
    return all.flat().length;
  }

  function linkTo(record) {
    const code = record.criterion ?? record.code;
    const link = document.createElement("a");
    link.href = `${record.page}?then=check#${code}`;
    link.textContent = record.title ?? code;
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
    await smile.outbox.release(visit);
    const went = await smile.outbox.drain();
    if (await left()) {
      if (words[went]) line.append(` ${words[went]}`);
      busy = false;
      return;
    }
    if (!(await smile.outbox.reaches())) {
      line.textContent = words.needs_network;
      busy = false;
      return;
    }
    const isSent = ({ state }) => state === "sent";
    const changes = (await ours(smile.store.changes)).filter(isSent).map((each) => [each.id, each.criterion ?? each.code]);
    const photos = (await ours(smile.store.photos)).filter(isSent).map(({ there, code, sha256 }) => [there.id, code, sha256]);
    form.elements.declared.value = JSON.stringify({ changes, photos });
    passed = true;
    form.requestSubmit(event.submitter);
    setTimeout(() => (busy = false), 3000); // the browser may be stopped: then its button has another go
  });

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
    const codes = here.map((record) => record.criterion ?? record.code);
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
