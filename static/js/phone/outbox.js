// Sends what the phone keeps, in order and one batch at a time, until the server has it all.
"use strict";
smile.outbox = (() => {
  const AT_ONCE = 20; // changes in one request
  const LONGEST_WAIT = 300_000; // milliseconds between two tries
  const PATIENCE = 30_000; // for one answer
  const SLOWEST = 4; // bytes in a millisecond: what is large may take longer to go
  const STUCK = 3; // times that the server failed over a record: then all others go before it
  const LONGEST_HOLD = 600_000; // milliseconds that a photo may wait for its owner
  const CALM = 5000; // milliseconds without anything to send, before pages are fetched
  const TURN = 120_000; // milliseconds that another tab may send before this one takes over: it may be frozen
  const told = new EventTarget();
  const tries = new Map(); // of what did not get through, by its id: the others go before it
  let calm; // for the fetching of pages
  let failures = 0; // tries in a row that came to nothing
  let timer; // for the next try
  let running = null; // the try that goes on
  let queued = null; // the one after it
  let page; // {user, cookie, visit}: who is signed in on this page, the cookie that holds the token, and the page's visit if any

  const cookie = (name) =>
    document.cookie
      .split("; ")
      .find((each) => each.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? "";

  // What became of a record, told to this page and to the phone's other tabs: only one of them sends.
  const tabs = new BroadcastChannel("smile-outbox");
  const hear = ({ kind, detail }) => told.dispatchEvent(new CustomEvent(kind, { detail }));
  tabs.onmessage = ({ data }) => hear(data);
  function announce(kind, { visit, code, id }) {
    const news = { kind, detail: { visit, code, id } };
    hear(news);
    tabs.postMessage(news);
  }

  function tell(state, more = {}) {
    hear({ kind: "state", detail: { state, ...more } });
  }

  // What the server has of a visit now, told to the other tabs too, and kept for pages that are copies of before.
  async function tellReceived({ visit }, received) {
    await smile.store.received.keep({ user: page.user, visit, ...received });
    tell("received", { visit, ...received });
    tabs.postMessage({ kind: "state", detail: { state: "received", visit, ...received } });
  }

  // The answer's status and body; the body is null when it is not one of ours, whatever its status says. `progress` is
  // called with the part that has gone, from 0 to 1.
  function post(url, body, { type, size = 0, progress } = {}) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest(); // fetch does not tell how far it has got
      request.open("POST", url);
      if (type) request.setRequestHeader("Content-Type", type);
      request.setRequestHeader("X-CSRFToken", cookie(page.cookie));
      request.timeout = PATIENCE + size / SLOWEST;
      request.ontimeout = request.onerror = request.onabort = () => reject(new Error("offline"));
      if (progress) request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
      request.onload = () => {
        let told = null;
        try {
          told = JSON.parse(request.responseText);
        } catch {
          // a page of somebody else's, a Wi-Fi that wants a log-in for one
        }
        const isOurs = told && (Array.isArray(told.changes) || told.photo || told.form || told.removed || typeof told.refused === "string");
        resolve({ status: request.status, told: isOurs ? told : null });
      };
      request.send(body);
    });
  }

  // Why nothing was taken: the server failed over it, has no time, refuses, or is not ours.
  const why = (status, says) => (status === 500 ? "failed" : status > 500 ? "busy" : (says?.refused ?? "portal"));

  async function settle(record, met) {
    await smile.store.changes.amend(record, (now) => {
      const newer = now.id !== record.id; // typed on meanwhile: it waits on, over what is stored now
      if (met.outcome === "saved") {
        if (newer && !now.after?.includes(record.id)) return {}; // typed in another tab, over what stood there before
        return newer ? { seen: Math.max(now.seen, met.revision) } : { state: "sent", seen: met.revision, theirs: "", errors: [] };
      }
      if (newer) return {};
      if (met.outcome === "aside") return { state: "aside" };
      // A text of another tab's, put aside for the one that was typed here: the server has it, and its reviewer reads it.
      // It is no answer, so it is not among what this phone declares when it submits.
      if (now.criterion && ["conflict", "refused"].includes(met.outcome)) return { state: "aside" };
      return { state: met.outcome, theirs: met.theirs, fieldsThere: met.fields, revision: met.revision, errors: met.errors };
    });
    announce("change", record);
  }

  const isUnreadable = (status, says) => status === 400 && says?.refused === "unreadable";

  // Sends one batch. True: go on; a word: why not.
  async function batch(chosen) {
    // From here on it may be there, whether or not an answer comes: what is typed next is typed over it.
    const begin = (record) =>
      smile.store.changes.change(record, (now) => (now?.id === record.id && now.state === "waiting" ? [{ ...now, tried: true }] : []));
    const records = (await Promise.all(chosen.map(begin))).flat();
    if (!records.length) return true;
    const changes = records.map((record) => ({
      id: record.id,
      code: smile.codeOf(record),
      after: record.after ?? [],
      aside: record.isAside, // its writer leaves it to the reviewer
      fields: { ...record.fields, [`${smile.codeOf(record)}-seen`]: String(record.seen) },
    }));
    const body = JSON.stringify({ user: page.user, changes });
    const { status, told } = await post(records[0].url, body, { type: "application/json" });
    const says = told ?? (status === 413 ? { refused: "too_large" } : null); // whoever says so: the others may fit
    if (says?.changes) {
      for (const met of says.changes) {
        const record = records.find((each) => each.id === met.id);
        if (record) await settle(record, met);
      }
      await tellReceived(records[0], says.received);
      return true;
    }
    // One of them may be what is too large or cannot be read: the others need not wait for it.
    if ((status === 413 || isUnreadable(status, says)) && records.length > 1) {
      for (const record of records) {
        const one = await batch([record]);
        if (one !== true) return one;
      }
      return true;
    }
    if (!says) return why(status);
    if (isUnreadable(status, says)) says.refused = "invalid";
    if (says.refused === "invalid" || says.refused === "gone" || says.refused === "not_started" || says.refused === "too_large") {
      for (const record of records) await settle(record, { outcome: says.refused });
      return true;
    }
    return why(status, says);
  }

  // Sends one photo. True: go on; a word: why not.
  async function photo(record) {
    const begin = (now) => (now?.state === "waiting" && !isHeld(now) ? [{ ...now, tried: true }] : []);
    const [going] = await smile.store.photos.change(record, begin); // as it is now: perhaps covered meanwhile
    if (!going) return true;
    const body = new FormData();
    for (const name of ["user", "id", "code", "sha256"]) body.set(name, going[name]);
    if (going.kind) body.set("kind", going.kind);
    body.set("photo", going.blob, "photo.jpg");
    const progress = (part) => told.dispatchEvent(new CustomEvent("progress", { detail: { id: going.id, part } }));
    const { status, told: ours } = await post(going.url, body, { size: going.blob.size, progress });
    const says = ours ?? (status === 413 ? { refused: "too_large" } : null); // whoever says so: the next one may fit
    if (!says) return why(status);
    if (says.refused === "no_room") return "full";
    const settled = (state, more) => smile.store.photos.amend(going, (now) => (now.state === "waiting" ? { state, ...more } : {}));
    if (says.photo) {
      // One that its owner has removed on another page is there no more, and not kept here either.
      // Nor is the same picture twice.
      const isTwin = ({ id, visit, there }) => visit === going.visit && id !== going.id && there?.id === says.photo.id;
      if (!says.photo.is_kept || (await smile.store.photos.of(page.user)).some(isTwin)) await smile.store.photos.forget(going);
      else await settled("sent", { there: { ...says.photo, at: says.received?.at } });
      if (says.received) await tellReceived(going, says.received);
    } else if (says.refused === "not_whole") {
      return "busy"; // it was cut on its way: again, later
    } else if (isUnreadable(status, says) || ["photo", "changed", "gone", "not_started", "too_large"].includes(says.refused)) {
      const state = { unreadable: "invalid", photo: "invalid", changed: "refused" }[says.refused] ?? says.refused;
      await settled(state, { errors: says.errors ?? [] });
    } else {
      return why(status, says);
    }
    announce("photo", going);
    return true;
  }

  // Takes a photo back that may be there already. True: go on; a word: why not.
  async function removal(record) {
    if (record.tried) {
      const body = JSON.stringify({ user: page.user });
      const { status, told: says } = await post(`${record.url}${record.there?.id ?? record.id}/remove/`, body, { type: "application/json" });
      if (!says) return why(status);
      if (says.received) await tellReceived(record, says.received);
      // Where it may not be taken back any more, it stays: the page shows it, and nothing waits for it here.
      if (!says.removed && !["changed", "gone", "not_started"].includes(says.refused)) return why(status, says);
    }
    await smile.store.photos.forget(record);
    announce("photo", record);
    return true;
  }

  // Sends one form. True: go on; a word: why not.
  async function form(record) {
    const body = JSON.stringify({ user: page.user, id: record.id, fields: record.fields });
    const { status, told: says } = await post(record.url, body, { type: "application/json" });
    if (!says) return why(status);
    const isOver = ["conflict", "invalid", "changed", "gone", "not_started", "too_large"].includes(says.refused);
    if (!says.form && !isOver) return why(status, says);
    const isLost = ["changed", "gone"].includes(says.refused);
    if (says.form || isLost) await goAlong(record, says.form ? { state: "waiting", until: 0 } : { state: "refused" });
    const state = says.form ? "sent" : says.refused === "changed" ? "refused" : says.refused;
    const met = { state, errors: says.errors, theirs: says.theirs, fieldsThere: says.fields };
    await smile.store.forms.amend(record, (now) => (now.id === record.id ? met : {}));
    if (says.form) fetch(record.page).catch(() => {}); // the copy of its page is as it was before
    announce("form", record);
    return true;
  }

  // The photos that a form takes along may follow it now, or stay with their owner as it does. Before it counts as sent:
  // else a killed page would leave them.
  async function goAlong({ user, visit, code }, next) {
    if (code !== "not_possible") return;
    for (const photo of await smile.store.photos.of(user)) {
      if (photo.visit === visit && ["draft", "follows"].includes(photo.state)) await smile.store.photos.amend(photo, () => next);
    }
  }

  const earlyForms = async () => (await waiting(smile.store.forms)).filter(({ isLast }) => !isLast);

  // What submits goes when nothing of its visit is left; what is left for good, its owner sees.
  async function lastForm() {
    for (const record of await waiting(smile.store.forms)) {
      const all = [...(await smile.store.changes.of(page.user)), ...(await smile.store.photos.of(page.user))];
      const wants = ({ state, criterion, code }) => ["conflict", "invalid", "too_large"].includes(state) && record.about?.includes(criterion ?? code);
      const left = all.filter((each) => each.visit === record.visit && (each.state === "waiting" || wants(each)));
      if (!left.length) return record;
      if (left.every(({ state }) => state === "waiting")) continue;
      await smile.store.forms.amend(record, () => ({ state: "blocked" }));
      announce("form", record);
    }
  }

  // Never longer than the longest wait: the phone's clock may have been put back.
  const isHeld = ({ until }) => until > Date.now() && until <= Date.now() + LONGEST_HOLD;

  // Lets what waits for its owner go now: they have gone to submit.
  async function release(visit) {
    if (!page) return;
    await smile.catchUp(page.user);
    for (const kind of [smile.store.photos, smile.store.forms]) {
      for (const record of await kind.of(page.user)) if (record.visit === visit && isHeld(record)) await kind.amend(record, () => ({ until: 0 }));
    }
  }

  // Tries again when the first of what waits for its owner may go.
  async function wakeForHeld() {
    const all = [...(await smile.store.photos.of(page.user)), ...(await smile.store.forms.of(page.user))];
    const ends = all.filter(isHeld).map((record) => record.until);
    if (ends.length) timer = setTimeout(go, Math.min(...ends) - Date.now() + 50);
  }

  async function waiting(kind, state = "waiting") {
    const records = (await kind.of(page.user)).filter((record) => record.state === state && !(state === "waiting" && isHeld(record)));
    const tried = (record) => tries.get(record.id) ?? 0;
    return records.sort((a, b) => tried(a) - tried(b) || a.at - b.at);
  }

  const isStuck = ({ id }) => tries.get(id) >= STUCK;

  // Up to `AT_ONCE` changes of the first one's visit, one of each question. Alone where the server has failed over it
  // more than once: it may be the one.
  function together([first, ...rest]) {
    const chosen = [first];
    if (tries.get(first.id) > 1) return chosen;
    for (const record of rest) {
      const isNew = chosen.every((each) => smile.codeOf(each) !== smile.codeOf(record));
      if (isNew && record.visit === first.visit && chosen.length < AT_ONCE) chosen.push(record);
    }
    return chosen;
  }

  async function sendPicture(picture) {
    tries.set(picture.id, (tries.get(picture.id) ?? 0) + 1); // whatever becomes of it: a picture may be too much for this network
    if (picture.isRaw) await smile.shrink(picture);
    return photo(picture);
  }

  // What goes next, as [how, records]: answers first, since they are small, and what submits last. Undefined when all has
  // gone. What the server fails over again and again goes after all that does not.
  async function next() {
    const { changes, photos } = smile.store;
    const queues = [
      [(each) => batch(each), await waiting(changes)],
      [([each]) => form(each), await earlyForms()],
      [([each]) => removal(each), await waiting(photos, "removed")],
      [([each]) => sendPicture(each), await waiting(photos)],
    ];
    for (const fits of [(each) => !isStuck(each), isStuck]) {
      for (const [how, records] of queues) {
        const [first, ...rest] = records.filter(fits);
        if (first) return [how, how === queues[0][0] ? together([first, ...rest]) : [first]];
      }
    }
    const last = await lastForm();
    return last && [queues[1][0], [last]];
  }

  async function sendAll() {
    for (let chosen; (chosen = await next()); ) {
      tell("sending");
      const [how, records] = chosen;
      const went = await how(records);
      for (const { id, blob } of records) {
        if (went === true) tries.delete(id);
        else if (["failed", "portal"].includes(went) && !blob) tries.set(id, (tries.get(id) ?? 0) + 1);
      }
      if (went !== true) return went;
      failures = 0;
    }
    tell("sent");
    return true;
  }

  // The pages that count what is there are copies of before: fetched anew, for when there is no network.
  async function refresh() {
    for (const each of await smile.store.received.of(page.user)) {
      if (each.isShown) continue;
      for (const name of ["", "check/", "missing/"]) await fetch(`/visits/${each.visit}/${name}`);
      await smile.store.received.amend(each, (now) => (now.at === each.at ? { isShown: true } : {}));
    }
  }

  function refreshWhenCalm() {
    clearTimeout(calm);
    calm = setTimeout(() => refresh().catch(() => {}), CALM); // without a network: with the next sending
  }

  // One tab sends; another waits its turn and finds nothing left to do. One that never ends loses its turn: what both
  // send is taken in once.
  async function inTurn(act) {
    let hasBegun = false;
    const begin = () => ((hasBegun = true), act());
    try {
      return await navigator.locks.request("smile-outbox", { signal: AbortSignal.timeout(TURN) }, begin);
    } catch (broken) {
      if (hasBegun) throw broken;
      return navigator.locks.request("smile-outbox", { steal: true }, act);
    }
  }

  // One try. True when nothing is left; else the word for why.
  async function attempt() {
    clearTimeout(timer);
    let went;
    try {
      went = await inTurn(sendAll);
      if (went === "token") {
        await fetch(location.pathname, { cache: "no-store" }); // any page of ours brings a token: this browser has lost it
        went = await inTurn(sendAll);
      }
      if (went === true) await wakeForHeld().then(refreshWhenCalm);
    } catch {
      went = "offline";
    }
    if (went === true) return true;
    tell(went);
    if (["offline", "busy", "full", "portal", "failed"].includes(went)) {
      failures += 1;
      timer = setTimeout(go, Math.min(LONGEST_WAIT, 1000 * 2 ** (failures - 1)));
    }
    return went;
  }

  const go = () => (running ??= attempt().finally(() => (running = null)));

  // Tries at once, whatever the wait was, and begins to count anew: something has come up that may make a difference.
  // What asks while a try goes on is served by one more after it, however many ask.
  async function drain() {
    if (!page) return "off";
    if (running) return (queued ??= running.then(() => ((queued = null), drain())));
    failures = 0;
    return go();
  }

  // Whether a form can be sent now. Asked before a page is left for one: without a network nothing would come of it.
  async function reaches() {
    try {
      return (await (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) })).text()) === "ok";
    } catch {
      return false;
    }
  }

  // On the page of a visit: what was not taken because of what the visit or the server was then has another go.
  async function revive() {
    for (const kind of [smile.store.changes, smile.store.photos]) {
      for (const record of await kind.of(page.user)) {
        const isOfThen = ["gone", "not_started"].includes(record.state) || (record.state === "invalid" && !record.errors?.length);
        if (record.visit === page.visit && isOfThen) await kind.amend(record, (now) => (now.state === record.state ? { state: "waiting" } : {}));
      }
    }
  }

  async function start(given) {
    page = given;
    await smile.catchUp(page.user).catch(() => {});
    await revive().catch(() => {}); // what could not be read now is asked for again below
    addEventListener("online", drain);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && drain());
    drain();
  }

  return { start, drain, release, isHeld, reaches, told };
})();

// Pictures, made as small as the server keeps them.
(() => {
  const LONG_SIDE = 1600; // pixels: what the server keeps
  const QUALITY = 0.85;

  // A picture drawn anew is upright and has neither place nor time in it. Null where the browser cannot read it.
  async function shrunk(file) {
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      return null;
    }
    const scale = Math.min(1, LONG_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const drawing = canvas.getContext("2d");
    drawing.fillStyle = "#fff";
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  }

  smile.sha256 = async (blob) => {
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  // Makes a kept photo ready to be sent. Until then it stands in the store as it came, so that no killed page loses it.
  smile.shrink = async (record) => {
    const made = await shrunk(record.blob);
    const blob = made ?? record.blob; // what the browser cannot read, the server perhaps can
    const sha256 = await smile.sha256(blob);
    await smile.store.photos.amend(record, (now) => (now.isRaw ? { blob, sha256, isRaw: false, isUnread: !made } : {}));
  };
})();
