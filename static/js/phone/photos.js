// Photos: kept on the phone as they come, made small there, and sent one by one after the answers. Each waits a little
// before it goes, so that a face or a paper in it can be covered.
"use strict";
smile.photos = ({ form, user, visit, url, grace, words, isSafe, keepAll, works, more }) => {
  const LEFT_ALONE = 600_000; // milliseconds: after a page that prepares or covers was killed a photo goes, so that none stays behind
  const bar = form.querySelector("[data-outbox]");
  const lists = new Map(); // the photos of a criterion that this phone holds, by its code
  let keeping = Promise.resolve(); // until what was chosen is kept

  // What a photo's line says of it.
  function saying(record) {
    if (record.state === "invalid" && record.errors?.length) return record.errors.join(" ");
    const isHeld = record.state === "waiting" && smile.outbox.isHeld(record);
    return words[record.isRaw ? "preparing" : isHeld ? "held" : `photo_${record.state}`] ?? words[record.state] ?? "";
  }

  function itemOf(record) {
    const item = lists.get(record.code)?.querySelector(`[data-id="${record.id}"]`);
    if (item || !lists.has(record.code)) return item;
    const made = document.createElement("li");
    made.className = "photo";
    made.dataset.id = record.id;
    const picture = document.createElement("img");
    picture.width = picture.height = 96;
    picture.alt = "";
    const says = document.createElement("span");
    says.setAttribute("role", "status");
    made.append(picture, says);
    lists.get(record.code).append(made);
    return made;
  }

  function draw(record) {
    const item = itemOf(record);
    if (!item) return;
    const picture = item.querySelector("img");
    const kept = record.blob ? record.sha256 ?? "raw" : "";
    if (kept && picture.dataset.kept !== kept) {
      URL.revokeObjectURL(picture.src);
      picture.src = URL.createObjectURL(record.blob);
      picture.dataset.kept = kept;
    }
    const says = item.querySelector("[role=status]");
    says.className = smile.look(record.state);
    says.textContent = [saying(record), record.isUnread && record.state !== "invalid" && words.unread].filter(Boolean).join(" ");
    item.querySelector("progress")?.remove();
    const hadFocus = item.contains(document.activeElement);
    for (const button of item.querySelectorAll("button")) button.remove();
    if (record.state === "sent" && !more) button(item, record, "leave_out", { name: "remove", value: record.there.id });
    else button(item, record, "leave_out", { onclick: () => leaveOut(record) });
    const canCover = globalThis.OffscreenCanvas && record.blob && !record.isRaw && ["waiting", "sent", "draft", "kind"].includes(record.state);
    if (record.isUnread) button(item, record, "no_cover", { disabled: true });
    else if (canCover) button(item, record, "cover", { onclick: () => cover(record) });
    if (smile.outbox.isHeld(record)) setTimeout(redraw, record.until - Date.now() + 10, record);
    else if (record.state === "waiting") button(item, record, "retry", { onclick: () => smile.outbox.drain() });
    if (hadFocus) item.querySelector("button").focus();
    lists.get(record.code).hidden = false;
  }

  function button(item, record, word, more) {
    const made = Object.assign(document.createElement("button"), { type: more.name ? "submit" : "button", ...more });
    made.className = "btn-link";
    made.textContent = words[word];
    const number = [...item.parentElement.children].indexOf(item) + 1;
    made.setAttribute("aria-label", `${words[word]} ${number}, ${record.code}`);
    item.append(made);
  }

  const now = async (record) => (await smile.store.photos.of(user)).find((each) => each.id === record.id);

  async function redraw(record) {
    const found = await now(record);
    if (found && found.state !== "removed") draw(found);
    else itemOf(record)?.remove();
  }

  // All that still wait wait on while one is covered: there may be more to cover.
  async function hold(until) {
    for (const record of await smile.store.photos.of(user)) {
      if (smile.outbox.isHeld(record)) await smile.store.photos.amend(record, () => ({ until }));
    }
  }

  async function cover(record) {
    const holding = () => hold(Date.now() + LEFT_ALONE);
    await holding();
    const again = setInterval(holding, LEFT_ALONE / 4);
    const found = await now(record);
    let says = ""; // why it is as it was
    if (found?.blob) await smile.cover(found.blob, words, (blob) => exchange(found, blob).catch(() => (says = words.as_it_was)));
    clearInterval(again);
    await hold(Date.now() + grace);
    await redraw(record);
    if (says) itemOf(record).querySelector("[role=status]").append(` ${says}`);
    smile.outbox.drain();
  }

  // The covered picture takes the place of the one it was made of. Where that one may be on the server already, the new
  // one is a photo of its own and the other is taken back.
  async function exchange(record, blob) {
    const made = { ...record, blob, sha256: await smile.sha256(blob), until: Date.now() + LEFT_ALONE };
    const fresh = { ...made, id: crypto.randomUUID(), tried: false, there: null };
    const act = (before) => {
      if (!before || before.state === "removed") return [];
      const state = before.state === "sent" ? "waiting" : before.state; // as it is now: its report may have gone meanwhile
      return before.tried ? [{ ...fresh, state }, { ...before, state: "removed", blob: null }] : [{ ...made, state }]; // both or none
    };
    const [put] = await smile.store.photos.change(record, act);
    if (put) draw(put);
  }

  async function leaveOut(record) {
    await smile.store.photos.amend(record, () => ({ state: "removed", blob: null }));
    itemOf(record)?.remove();
    smile.outbox.drain();
  }

  // The form takes back the photo that the server knows by this id: nothing of it is this phone's to tell any more.
  async function forget(id) {
    for (const record of await smile.store.photos.of(user)) {
      if (record.there?.id === id || record.id === id) await smile.store.photos.forget(record);
    }
  }

  // Where there is room for one, it takes the place of what was there.
  async function alone({ code, id }) {
    for (const each of await smile.store.photos.of(user)) {
      if (each.visit === visit && each.code === code && each.id !== id && each.state !== "removed") await leaveOut(each);
    }
  }

  // Says what a photo shows. One that may be with the server already goes as a new one, in its place.
  async function named(record, kind) {
    const found = await now(record);
    if (!found?.blob || found.kind === kind) return;
    if (found.tried) {
      await exchange({ ...found, kind }, found.blob);
      await hold(Date.now() + grace);
    } else await smile.store.photos.amend(found, () => ({ kind, state: "waiting" }));
    await redraw(found);
    smile.outbox.drain();
  }

  async function take(input) {
    const { id: code } = input.closest("fieldset.criterion");
    const left = new DataTransfer(); // what there is no room for stays chosen, to be sent with the form
    const records = [];
    let full; // why not all are kept
    const kept = [...input.files].map(async (blob, nth) => {
      const record = { user, visit, code, url, page: location.pathname, where: document.querySelector(".whose")?.textContent.trim(), id: crypto.randomUUID(), blob, isRaw: true, at: Date.now() + nth, until: Date.now() + LEFT_ALONE, state: "waiting", ...more?.() };
      try {
        await smile.store.photos.keep(record);
      } catch (error) {
        full = error;
        return void left.items.add(blob);
      }
      if (more) await alone(record);
      records.push(record);
      draw(record);
    });
    await Promise.all([keepAll(), ...kept]);
    input.files = left.files;
    if (full) throw full;
    return records;
  }

  async function prepare(records) {
    for (const record of records) {
      await smile.shrink(record);
      await smile.store.photos.amend(record, () => ({ until: Date.now() + grace })); // it can only now be looked at
      await redraw(record);
    }
    smile.outbox.drain();
  }

  async function drawAll() {
    const own = (await smile.store.photos.of(user)).filter((record) => record.visit === visit);
    // The page itself shows what is sent, unless it is a copy of before.
    const isShown = ({ there }) => !(there?.at >= bar.dataset.at) || form.querySelector(`[name=remove][value="${there.id}"]`);
    for (const record of own) if (record.state !== "removed" && !(record.state === "sent" && isShown(record))) draw(record);
    await prepare(own.filter((record) => record.isRaw && record.state !== "removed"));
  }

  for (const button of form.querySelectorAll("button[name=stay]")) button.hidden = true; // choosing is enough
  for (const input of form.querySelectorAll("input[type=file]")) {
    form.querySelector(`label[for="${input.id}"]`).className = "btn btn-quiet photo-add"; // what was chosen stands below it
    input.classList.replace("form-control", "visually-hidden");
  }
  for (const list of form.querySelectorAll("[data-photos]")) lists.set(list.closest("fieldset.criterion").id, list);
  form.addEventListener("click", async (event) => {
    if (event.target.type !== "file" || !works() || isSafe()) return;
    event.preventDefault(); // the camera may take all the memory there is, and this page with it
    await keepAll();
    event.target.click();
  });
  form.addEventListener("change", (event) => {
    if (event.target.type !== "file" || !works() || !event.target.files.length) return;
    const taken = take(event.target);
    keeping = Promise.all([keeping, taken.catch(() => (bar.textContent = words.no_room))]);
    taken.then(prepare).catch(() => {}); // what is kept and cannot be prepared now is prepared when it is sent
  });
  smile.outbox.told.addEventListener("photo", ({ detail }) => detail.visit === visit && redraw(detail));
  smile.outbox.told.addEventListener("progress", ({ detail }) => {
    const says = form.querySelector(`[data-id="${detail.id}"] [role=status]`);
    if (!says) return;
    const bar = says.parentElement.querySelector("progress") ?? document.createElement("progress");
    bar.setAttribute("aria-label", words.sending);
    bar.value = detail.part;
    if (!bar.isConnected) says.after(bar);
  });
  drawAll();
  return { forget, leaveOut, named, redraw, kept: () => keeping };
};

// Covers faces and papers in a photo, or cuts it to a part, before it leaves the phone. By finger: drawn, or two corners
// tapped. By keyboard: the arrows move a cross, Enter sets a corner. What was made is given to `save`, and only when that
// is done does the window close: no tap can leave the page in between.
smile.cover = (blob, words, save) => {
  const QUALITY = 0.85;
  const CELLS = 5; // what is covered keeps so many colours each way: nobody is known by them
  const SMALLEST = 12; // pixels on the screen; less was a tap

  const make = (name, more = {}) => Object.assign(document.createElement(name), more);

  function mosaic(drawing, { x, y, width, height }) {
    const small = make("canvas", { width: CELLS, height: CELLS });
    const mean = small.getContext("2d");
    mean.imageSmoothingQuality = "high"; // each cell is what lies below it on average, not one of its pixels
    mean.drawImage(drawing.canvas, x, y, width, height, 0, 0, CELLS, CELLS);
    drawing.imageSmoothingEnabled = false;
    drawing.drawImage(small, x, y, width, height);
  }

  return new Promise((resolve) => {
    const dialog = make("dialog", { className: "cover" });
    const how = make("p", { textContent: words.cover_how, id: "cover-how" });
    const canvas = make("canvas", { tabIndex: 0 });
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-labelledby", how.id);
    const frame = make("div", { className: "cover-frame" });
    const mark = make("span", { className: "cover-mark", hidden: true });
    const buttons = make("div", { className: "cover-buttons" });
    const drawing = canvas.getContext("2d", { willReadFrequently: true });
    const steps = []; // the pictures before each step, to go back to
    let corner = null; // the first corner, on the screen
    let point = null; // where the cross stands
    let cuts = false;

    const button = (text, look, act) => {
      const made = make("button", { type: "button", className: `btn ${look}`, textContent: text });
      made.addEventListener("click", act);
      buttons.append(made);
      return made;
    };
    const undo = button(words.cover_undo, "btn-quiet", () => {
      const before = steps.pop();
      Object.assign(canvas, { width: before.width, height: before.height });
      drawing.putImageData(before, 0, 0);
      undo.disabled = !steps.length;
    });
    const cut = button(words.cover_crop, "btn-quiet", () => {
      cuts = !cuts;
      cut.setAttribute("aria-pressed", cuts);
    });
    button(words.cover_leave, "btn-quiet", () => dialog.close());
    const done = button(words.cover_done, "btn-primary", async () => {
      done.disabled = true;
      if (steps.length) await save(await encoded());
      dialog.close();
    });
    undo.disabled = true;
    cut.setAttribute("aria-pressed", false);

    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      const within = (value, most) => Math.min(Math.max(value, 0), most);
      return { x: within(event.clientX - box.left, box.width), y: within(event.clientY - box.top, box.height) };
    };
    const between = (a, b) => ({ x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) });
    const isTap = ({ width, height }) => width < SMALLEST && height < SMALLEST;

    function show(to) {
      const area = between(corner ?? to, to);
      mark.hidden = false;
      mark.style.inset = `${area.y}px auto auto ${area.x}px`;
      mark.style.width = `${Math.max(area.width, 2)}px`;
      mark.style.height = `${Math.max(area.height, 2)}px`;
    }

    function take(to) {
      const scale = canvas.width / canvas.getBoundingClientRect().width;
      const area = between(corner, to);
      for (const side of Object.keys(area)) area[side] = Math.round(area[side] * scale);
      corner = null;
      mark.hidden = true;
      if (!area.width || !area.height) return;
      steps.push(drawing.getImageData(0, 0, canvas.width, canvas.height));
      undo.disabled = false;
      if (!cuts) return mosaic(drawing, area);
      const part = drawing.getImageData(area.x, area.y, area.width, area.height);
      Object.assign(canvas, { width: area.width, height: area.height });
      drawing.putImageData(part, 0, 0);
    }

    let held = null; // where the finger came down
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      held = at(event);
      corner ??= held;
      show(held);
    });
    canvas.addEventListener("pointermove", (event) => held && show(at(event)));
    canvas.addEventListener("pointerup", (event) => {
      const to = at(event);
      const isFirst = held && corner.x === held.x && corner.y === held.y;
      held = null;
      if (corner && !(isFirst && isTap(between(corner, to)))) take(to);
    });
    canvas.addEventListener("pointercancel", () => {
      held = corner = null;
      mark.hidden = true;
    });
    canvas.addEventListener("keydown", (event) => {
      const box = canvas.getBoundingClientRect();
      point ??= { x: box.width / 2, y: box.height / 2 };
      const step = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] }[event.key];
      if (step) {
        point = at({ clientX: box.left + point.x + step[0], clientY: box.top + point.y + step[1] });
        show(point);
      } else if (event.key === "Enter") {
        if (corner) take(point);
        else show((corner = { ...point }));
      } else return;
      event.preventDefault();
    });

    // Not the canvas's own toBlob: that one waits for the browser to have nothing else to do.
    function encoded() {
      const copy = new OffscreenCanvas(canvas.width, canvas.height);
      copy.getContext("2d").drawImage(canvas, 0, 0);
      return copy.convertToBlob({ type: "image/jpeg", quality: QUALITY });
    }

    function leave() {
      dialog.remove();
      resolve();
    }
    dialog.addEventListener("close", leave);

    frame.append(canvas, mark);
    dialog.append(how, frame, buttons);
    document.body.append(dialog);
    createImageBitmap(blob).then(
      (bitmap) => {
        Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
        drawing.drawImage(bitmap, 0, 0);
        dialog.showModal();
        canvas.focus();
      },
      () => {
        how.textContent = words.unread; // a picture that only the server can read: said, with the way back alone
        for (const each of [frame, undo, cut, done]) each.remove();
        dialog.showModal();
      },
    );
  });
};
