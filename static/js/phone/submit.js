// Submitting from a phone: only once the server has all that this phone keeps, and it is told what that is.
"use strict";
(() => {
  const form = document.querySelector("form[data-visit]");
  if (!form || !smile.able) return;
  const { user, visit, cookie } = form.dataset;
  const words = JSON.parse(document.getElementById("phone-words").textContent);
  const line = form.querySelector("[data-outbox]");
  let passed = false; // the next submit is the browser's own
  let busy = false; // a second tap has nothing to add to the first

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
