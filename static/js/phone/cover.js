// Covers faces and papers in a photo, or cuts it to a part, before it leaves the phone. By finger: drawn, or two corners
// tapped. By keyboard: the arrows move a cross, Enter sets a corner. What was made is given to `save`, and only when that
// is done does the window close: no tap can leave the page in between.
"use strict";
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
