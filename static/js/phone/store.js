// What the phone keeps until the server has it, in IndexedDB. Every record says whose it is.
"use strict";
globalThis.smile = {};
smile.look = (state) => {
  const looks = { sent: "is-sent", conflict: "is-conflict", invalid: "is-invalid", refused: "is-refused" };
  return `kept ${looks[state] ?? ""}`;
};
smile.store = (() => {
  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open("smile", 2);
    asked.onupgradeneeded = () => {
      const make = (name, last) =>
        asked.result.objectStoreNames.contains(name) || asked.result.createObjectStore(name, { keyPath: ["user", "visit", last] });
      make("changes", "code"); // one record for a criterion: what its writer wants now, and how far that has got
      make("photos", "id"); // one for a photo, with its bytes until the server has them
      make("timers", "code"); // one for a clock that runs: since when
    };
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close(); // a newer page wants to change it
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
  opened.catch(() => {});

  // Runs `act` on an object store in one transaction; resolves to its request's result once that is on the disk.
  async function within(name, mode, act) {
    const database = await opened;
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(name, mode, { durability: "strict" });
      const asked = act(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(asked?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }

  const records = (name, last) => {
    const key = (record) => [record.user, record.visit, record[last]];
    return {
      keep: (record) => within(name, "readwrite", (all) => all.put(record)),
      forget: (record) => within(name, "readwrite", (all) => all.delete(key(record))),
      of: (user) => within(name, "readonly", (all) => all.getAll(IDBKeyRange.bound([user], [user, []]))),
      // Replaces the record that `record` is a copy of by what `act` makes of it as it is now; nothing once it is gone.
      amend: (record, act) =>
        within(name, "readwrite", (all) => {
          const asked = all.get(key(record));
          asked.onsuccess = () => {
            if (asked.result) all.put({ ...asked.result, ...act(asked.result) });
          };
        }),
    };
  };

  return { changes: records("changes", "code"), photos: records("photos", "id"), timers: records("timers", "code") };
})();
