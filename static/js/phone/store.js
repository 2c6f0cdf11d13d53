// What the phone keeps until the server has it, in IndexedDB. Every record says whose it is.
"use strict";
globalThis.smile = {};
smile.able = !!(globalThis.isSecureContext && globalThis.indexedDB && navigator.locks && globalThis.AbortSignal?.timeout);
smile.codeOf = ({ criterion, code }) => criterion ?? code; // the question of a record, beside or in its place
smile.look = (state) => {
  const looks = { sent: "is-sent", conflict: "is-conflict", invalid: "is-invalid", refused: "is-refused" };
  return `kept ${looks[state] ?? ""}`;
};
// What fields say, for their writer to read elsewhere: there they have no labels.
smile.said = (inputs) =>
  [...inputs]
    .map(({ type, value, checked, labels }) => (type === "radio" ? (checked ? labels[0].textContent.trim() : "") : /^(hidden|file|submit|fieldset)$/.test(type) ? "" : value))
    .filter(Boolean)
    .join(" · ");

// Both texts side by side, and the writer says which stands.
smile.offer = (line, record, words, acts) => {
  line.append(" ", words.stored, " ", Object.assign(document.createElement("q"), { textContent: record.theirs }), " ");
  for (const [word, onclick] of Object.entries(acts)) {
    const look = { type: "button", className: "btn btn-quiet btn-sm", textContent: words[word], onclick };
    line.append(Object.assign(document.createElement("button"), look), " ");
  }
};
smile.store = (() => {
  const PATIENCE = 20_000; // milliseconds; a database that does not answer is no place to keep things
  let opened; // the database, once asked for; asked for anew when the browser has closed it

  // Where a newer page has been here, its database is opened as it is: this one's stores are in it.
  function open(version = [5]) {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open("smile", ...version);
      asked.onupgradeneeded = () => {
        const make = (name, last) =>
          asked.result.objectStoreNames.contains(name) || asked.result.createObjectStore(name, { keyPath: ["user", "visit", last] });
        make("changes", "code"); // one record for a criterion: what its writer wants now, and how far that has got
        make("photos", "id"); // one for a photo, with its bytes until the visit has its receipt
        make("timers", "code"); // one for a clock that runs: since when
        make("forms", "code"); // one for a form besides the questions: as it is typed, then until the server has it
        make("received", "visit"); // one for a visit: what the server had of it when it said so last
      };
      asked.onsuccess = () => {
        const forget = () => (opened = undefined);
        asked.result.onclose = forget;
        asked.result.onversionchange = () => (asked.result.close(), forget()); // a newer page wants to change it
        resolve(asked.result);
      };
      asked.onblocked = () => reject(new Error("blocked"));
      asked.onerror = () => (version.length && asked.error.name === "VersionError" ? resolve(open([])) : reject(asked.error));
    });
  }

  const inTime = (promise) =>
    Promise.race([promise, new Promise((_resolve, reject) => setTimeout(() => reject(new Error("no answer")), PATIENCE))]);

  // Runs `act` on an object store in one transaction; resolves to its request's result once that is on the disk.
  async function within(name, mode, act) {
    opened ??= open();
    opened.catch(() => (opened = undefined));
    const database = await inTime(opened);
    const done = new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
    return inTime(done);
  }

  const records = (name, last) => {
    const key = (record) => [record.user, record.visit, record[last]];
    // Puts the records that `act` makes of the one of this key as it is now, undefined if there is none; returns them.
    async function change(record, act) {
      let put = [];
      await within(name, "readwrite", (all) => {
        const asked = all.get(key(record));
        asked.onsuccess = () => {
          put = act(asked.result);
          for (const each of put) all.put(each);
        };
      });
      return put;
    }
    return {
      change,
      // As `change`, with what is to be other in the record; nothing once the record is gone.
      amend: (record, act) => change(record, (now) => (now ? [{ ...now, ...act(now) }] : [])),
      // Committed at once: a page that goes away breaks off what still waits for an answer.
      keep: (record) => within(name, "readwrite", (all) => (all.put(record), all.transaction.commit())),
      // Deletes this record, and not what another page has put in its place meanwhile.
      forget: (record) =>
        within(name, "readwrite", (all) => {
          const asked = all.get(key(record));
          asked.onsuccess = () => asked.result?.id === record.id && all.delete(key(record));
        }),
      of: (user) => within(name, "readonly", (all) => all.getAll(IDBKeyRange.bound([user], [user, []]))),
    };
  };

  return { changes: records("changes", "code"), photos: records("photos", "id"), timers: records("timers", "code"), forms: records("forms", "code"), received: records("received", "visit") };
})();

// The records to keep when `record` is typed where `before` is kept and its page showed one of the ids `shown`. It says
// over which changes that the server may have it was typed; what another tab has typed and this page has not shown goes
// its own way, beside it.
smile.over = (before, record, shown) => {
  if (before?.id === record.id) return [];
  const isOwn = shown.includes(before?.id);
  if (isOwn && before?.state === "sent") return [{ ...record, seen: Math.max(record.seen, before.seen) }];
  if (!before || before.state === "sent") return [record];
  const after = before.tried ? [...(before.after ?? []), before.id] : before.after;
  if (isOwn) return [{ ...record, after }];
  if (["conflict", "refused", "aside"].includes(before.state)) return [record]; // the server has it, for its reviewer to read
  return [{ ...before, code: `${before.code} ${before.id}`, criterion: before.code }, { ...record, after: shown.filter(Boolean) }];
};

// The same of a form besides the questions: of two tabs' texts none goes before its writer has said which stands.
smile.beside = (before, record, shown) => {
  if (before?.id === record.id) return [];
  if (!before || shown.includes(before.id) || ["sent", "refused"].includes(before.state)) return [record];
  const { said: theirs, fields, id, state: stateThere } = before;
  return [{ ...record, state: "conflict", theirs, stateThere, fieldsThere: { ...fields, seen: `${fields.seen ?? ""} ${id}` } }];
};

// Keeps what was typed when its page goes away: no database answers in time. `kind`: "changes" or "forms".
smile.leave = (kind, record, shown) => localStorage.setItem(`smile ${record.user} ${record.id}`, JSON.stringify({ kind, record, shown }));

// Puts in its place what pages have left.
smile.catchUp = (user) =>
  navigator.locks.request("smile-late", async () => {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(`smile ${user} `));
    const left = names.map((name) => ({ name, ...JSON.parse(localStorage[name]) }));
    for (const { name, kind, record, shown } of left.sort((a, b) => a.record.at - b.record.at)) {
      await smile.store[kind].change(record, (before) => smile[kind === "forms" ? "beside" : "over"](before, record, shown));
      localStorage.removeItem(name);
    }
  });
