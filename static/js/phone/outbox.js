// Sends what the phone keeps, in order and one batch at a time, until the server has it all.
"use strict";
smile.outbox = (() => {
  const AT_ONCE = 20; // changes in one request
  const LONGEST_WAIT = 300_000; // milliseconds between two tries
  const PATIENCE = 30_000; // for one answer
  const SLOWEST = 4; // bytes in a millisecond: what is large may take longer to go
  const told = new EventTarget();
  let failures = 0;
  let timer;
  let page; // {user, cookie, waits}: who is signed in on this page, the cookie that holds the token, and whether photos
  // may still be covered here before they go

  const cookie = (name) =>
    document.cookie
      .split("; ")
      .find((each) => each.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? "";

  function tell(state, more = {}) {
    told.dispatchEvent(new CustomEvent("state", { detail: { state, ...more } }));
  }

  // The answer's status and body; the body is null when it is not one of ours, whatever its status says.
  async function post(url, body, headers = {}, size = 0) {
    const answer = await fetch(url, {
      method: "POST",
      body,
      headers: { ...headers, "X-CSRFToken": cookie(page.cookie) },
      credentials: "same-origin",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE + size / SLOWEST),
    });
    const text = await answer.text();
    let told = null;
    try {
      told = JSON.parse(text);
    } catch {
      // a page of somebody else's, a Wi-Fi that wants a log-in for one
    }
    const ours = told && (Array.isArray(told.changes) || told.photo || typeof told.refused === "string");
    return { status: answer.status, told: ours ? told : null };
  }

  async function settle(record, met) {
    await smile.store.changes.amend(record, (now) => {
      const newer = now.id !== record.id; // typed on meanwhile: it waits on, over what is stored now
      if (met.outcome === "saved") {
        return newer ? { seen: met.revision } : { state: "sent", seen: met.revision, theirs: "", errors: [] };
      }
      if (newer) return {};
      return { state: met.outcome, theirs: met.theirs, fieldsThere: met.fields, revision: met.revision, errors: met.errors };
    });
    told.dispatchEvent(new CustomEvent("change", { detail: { visit: record.visit, code: record.code } }));
  }

  // Sends one batch. True: go on; a word: why not.
  async function batch(records) {
    const changes = records.map(({ id, code, fields, seen }) => ({
      id,
      code,
      fields: { ...fields, [`${code}-seen`]: String(seen) },
    }));
    const body = JSON.stringify({ user: page.user, changes });
    const { status, told: says } = await post(records[0].url, body, { "Content-Type": "application/json" });
    if (says?.changes) {
      for (const met of says.changes) {
        const record = records.find((each) => each.id === met.id);
        if (record) await settle(record, met);
      }
      tell("received", says.received);
      return true;
    }
    if (status === 413 && records.length > 1) {
      for (const record of records) {
        const one = await batch([record]);
        if (one !== true) return one;
      }
      return true;
    }
    if (!says) return status >= 500 ? "busy" : "portal";
    if (says.refused === "gone" || says.refused === "not_started" || says.refused === "too_large") {
      for (const record of records) await settle(record, { outcome: says.refused });
      return true;
    }
    return status >= 500 ? "busy" : says.refused;
  }

  // Sends one photo. True: go on; a word: why not.
  async function photo(record) {
    const body = new FormData();
    for (const name of ["user", "id", "code", "sha256"]) body.set(name, record[name]);
    body.set("photo", record.blob, "photo.jpg");
    const { status, told: ours } = await post(record.url, body, {}, record.blob.size);
    const says = ours ?? (status === 413 ? { refused: "too_large" } : null); // whoever says so: the next one may fit
    if (!says) return status >= 500 ? "busy" : "portal";
    if (says.photo) {
      await smile.store.photos.amend(record, () => ({ state: "sent", blob: null, there: says.photo }));
      tell("received", says.received);
    } else if (says.refused === "not_whole") {
      return "busy"; // it was cut on its way: again, later
    } else if (["photo", "changed", "gone", "not_started", "too_large"].includes(says.refused)) {
      const state = says.refused === "photo" ? "invalid" : says.refused === "changed" ? "refused" : says.refused;
      await smile.store.photos.amend(record, () => ({ state, errors: says.errors ?? [] }));
    } else {
      return status >= 500 ? "busy" : says.refused;
    }
    told.dispatchEvent(new CustomEvent("photo", { detail: record }));
    return true;
  }

  const isHeld = (record) => Boolean(page?.waits) && record.until > Date.now();

  // Tries again when the first of the photos that wait for their owner may go.
  async function wakeForHeld() {
    const ends = (await smile.store.photos.of(page.user)).filter(isHeld).map((record) => record.until);
    if (ends.length) timer = setTimeout(drain, Math.min(...ends) - Date.now() + 50);
  }

  async function waiting(kind) {
    const records = await kind.of(page.user);
    return records.filter((record) => record.state === "waiting" && !isHeld(record)).sort((a, b) => a.at - b.at);
  }

  async function sendAll() {
    for (;;) {
      const [first, ...rest] = await waiting(smile.store.changes);
      const [picture] = first ? [] : await waiting(smile.store.photos); // answers first: they are small
      if (!first && !picture) {
        tell("sent");
        return true;
      }
      tell("sending");
      const same = rest.filter((record) => record.visit === first.visit).slice(0, AT_ONCE - 1);
      const went = first ? await batch([first, ...same]) : await photo(picture);
      if (went !== true) return went;
      failures = 0;
    }
  }

  // Tries now. True when nothing is left; else the word for why.
  async function drain() {
    clearTimeout(timer);
    if (!page) return "off";
    let went;
    try {
      // One tab sends; another waits its turn and finds nothing left to do.
      went = await navigator.locks.request("smile-outbox", sendAll);
    } catch {
      went = "offline";
    }
    if (went === true) {
      await wakeForHeld();
      return true;
    }
    tell(went);
    if (went === "offline" || went === "busy" || went === "portal" || went === "failed") {
      failures += 1;
      timer = setTimeout(drain, Math.min(LONGEST_WAIT, 1000 * 2 ** (failures - 1)));
    }
    return went;
  }

  // Whether a form can be sent now. Asked before a page is left for one: without a network nothing would come of it.
  async function reaches() {
    try {
      return (await (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) })).text()) === "ok";
    } catch {
      return false;
    }
  }

  function start(given) {
    page = given;
    addEventListener("online", drain);
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && drain());
    drain();
  }

  return { start, drain, isHeld, reaches, told };
})();
