// What a phone holds and the server did not take as an answer or as a photo: shown with its text or its picture, for its
// owner to copy, to leave to the reviewer or to discard. Nothing else takes it off the phone while the server has it not.
"use strict";
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

  const textOf = (record) => record.said ?? Object.values(record.fields).filter(Boolean).join(" · ");

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
    line.append(make("b", { textContent: code }), ` ${when}`, say(name, record), ...content(name, record));
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
