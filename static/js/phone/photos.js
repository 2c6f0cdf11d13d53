// Photos: made small on the phone, kept there, and sent one by one after the answers. Each waits a little before it goes,
// so that a face or a paper in it can be covered.
"use strict";
smile.photos = ({ form, user, visit, url, grace, words, keepAll, works }) => {
  const LONGEST_COVERING = 600_000; // milliseconds; after that a photo goes as it is, so that none stays behind
  const LONG_SIDE = 1600; // pixels: what the server keeps
  const QUALITY = 0.85;
  const bar = form.querySelector("[data-outbox]");
  const lists = new Map(); // the photos of a criterion that this phone holds, by its code

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

  async function sha256(blob) {
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function draw(record) {
    const list = lists.get(record.code);
    if (!list) return;
    let item = list.querySelector(`[data-id="${record.id}"]`);
    if (!item) {
      item = document.createElement("li");
      item.className = "photo";
      item.dataset.id = record.id;
      const picture = document.createElement("img");
      picture.width = picture.height = 96;
      picture.alt = "";
      if (record.blob) picture.src = URL.createObjectURL(record.blob);
      const says = document.createElement("span");
      says.className = "kept";
      says.setAttribute("role", "status");
      item.append(picture, says);
      list.append(item);
    }
    const says = item.querySelector(".kept");
    says.className = smile.look(record.state);
    says.textContent = record.state === "invalid" ? record.errors.join(" ") : words[smile.outbox.isHeld(record) ? "held" : record.state] ?? "";
    for (const button of item.querySelectorAll("button")) button.remove();
    if (record.state === "sent") {
      if (!item.querySelector("img").src) item.querySelector("img").src = record.there.thumbnail;
      button(item, words.leave_out, { name: "remove", value: record.there.id });
    } else {
      button(item, words.leave_out, { onclick: () => leaveOut(record, item) });
      if (smile.outbox.isHeld(record)) {
        if (globalThis.OffscreenCanvas) button(item, words.cover, { onclick: () => cover(record, item) });
        setTimeout(redraw, record.until - Date.now() + 10, record);
      } else if (record.state === "waiting") button(item, words.retry, { onclick: () => smile.outbox.drain() });
    }
    list.hidden = false;
  }

  function button(item, text, more) {
    const made = Object.assign(document.createElement("button"), { type: more.name ? "submit" : "button", ...more });
    made.className = "btn-link";
    made.textContent = text;
    item.append(made);
  }

  const now = async (record) => (await smile.store.photos.of(user)).find((each) => each.id === record.id);

  async function redraw(record) {
    const found = await now(record);
    if (found && found.state !== "sent") draw(found);
  }

  // All that still wait wait on while one is covered: there may be more to cover.
  async function hold(until) {
    for (const record of await smile.store.photos.of(user)) {
      if (smile.outbox.isHeld(record)) await smile.store.photos.amend(record, () => ({ until }));
    }
  }

  async function cover(record, item) {
    await hold(Date.now() + LONGEST_COVERING);
    const found = await now(record);
    if (!found || found.state !== "waiting" || !smile.outbox.isHeld(found)) return; // it has just gone
    await smile.cover(found.blob, words, async (blob) => {
      const digest = await sha256(blob);
      await smile.store.photos.amend(found, (kept) => (smile.outbox.isHeld(kept) ? { blob, sha256: digest } : {}));
      item.querySelector("img").src = URL.createObjectURL(blob);
    });
    await hold(Date.now() + grace);
    await redraw(record);
    smile.outbox.drain();
  }

  async function leaveOut(record, item) {
    await smile.store.photos.forget(record);
    item.remove();
  }

  async function take(input) {
    const box = input.closest("fieldset.criterion");
    const files = [...input.files];
    if (files.length) bar.textContent = words.preparing;
    await keepAll();
    for (const file of files) {
      const blob = (await shrunk(file)) ?? file; // what the browser cannot read, the server perhaps can
      const record = { user, visit, code: box.id, url, id: crypto.randomUUID(), blob, sha256: await sha256(blob), at: Date.now(), until: Date.now() + grace, state: "waiting" };
      await smile.store.photos.keep(record); // throws when there is no room: then the input keeps its files
      draw(record);
    }
    input.value = "";
    bar.textContent = grace ? words.held : "";
    smile.outbox.drain();
  }

  async function drawAll() {
    for (const record of await smile.store.photos.of(user)) {
      if (record.visit === visit && record.state !== "sent") draw(record); // the page itself shows what is sent
    }
  }

  for (const button of form.querySelectorAll("button[name=stay]")) button.hidden = true; // choosing is enough
  for (const list of form.querySelectorAll("[data-photos]")) lists.set(list.closest("fieldset.criterion").id, list);
  form.addEventListener("click", (event) => event.target.type === "file" && keepAll()); // before the camera opens
  form.addEventListener("change", (event) => {
    if (event.target.type !== "file" || !works()) return;
    take(event.target).catch(() => (bar.textContent = words.no_room));
  });
  smile.outbox.told.addEventListener("photo", async ({ detail }) => {
    const record = await now(detail);
    if (record && record.visit === visit) draw(record);
  });
  drawAll();
};
