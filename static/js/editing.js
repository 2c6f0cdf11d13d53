// The draft editor: htmx saves what is changed; this says whether it was saved, and moves lines by keys and by dragging.
"use strict";
(() => {
  const RETRY = 10_000; // milliseconds until what was not saved is sent again
  const HEAD = 60; // pixels: the height of a line without its form
  htmx.config.timeout = 20_000; // milliseconds after which no answer is none

  // Forms whose fields the server does not have: "typed", sent soon; "silent", no answer came; "faulty", the answer was
  // that something is to be mended or decided.
  const waiting = new Map();
  const sending = new Set(); // forms with a request under way
  const typed = new WeakMap(); // of a form: how often it was typed into
  const carried = new WeakMap(); // of a request: how often its form had been typed into when it was sent
  const settled = []; // who waits until nothing typed is on its way
  let line = null; // of options or thresholds, in which the focus is or was last
  let leaving = null; // the form whose own button was pressed: it takes its fields along
  let released = false;

  function show() {
    for (const form of waiting.keys()) if (!form.isConnected) waiting.delete(form);
    const states = [...waiting.values()];
    const says = ["faulty", "silent"].find((each) => states.includes(each));
    const unsaved = document.getElementById("unsaved");
    unsaved.hidden = !says;
    for (const each of unsaved.querySelectorAll("[data-says]")) each.hidden = each.dataset.says !== says;
    document.getElementById("saved").hidden = Boolean(says);
    if (!states.includes("typed")) for (const go of settled.splice(0)) go(waiting.size === 0);
  }

  // The mark of this page, by which the server knows what it has saved already, also where the answer was lost. Another
  // page of the same person has another one: what is saved there has not been seen here.
  const mark = Array.from(crypto.getRandomValues(new Uint32Array(4)), (each) => each.toString(36)).join("");
  addEventListener("formdata", ({ formData }) => formData.has("seen") && formData.set("page", mark));

  const save = (form) => form.isConnected && htmx.trigger(form, "change");
  const again = () => [...waiting].forEach(([form, state]) => state !== "faulty" && save(form));

  // Sends what is typed and not sent. To true when the server has all of it, to false when something stays here.
  function sent() {
    return new Promise((resolve) => {
      settled.push(resolve);
      for (const [form, state] of waiting) if (state === "typed" && !sending.has(form)) save(form);
      show();
    });
  }

  addEventListener("online", again);
  addEventListener("input", ({ target }) => {
    const form = target.closest("form[data-keeps]");
    if (!form) return;
    leaving = null;
    typed.set(form, (typed.get(form) ?? 0) + 1);
    if (!form.querySelector("[data-clash]")) waiting.set(form, "typed");
    show();
  });
  // A picture that has been chosen is uploaded: "Save" would not take it along.
  addEventListener("change", ({ target }) => target.matches?.("input[name=picture]") && target.form.requestSubmit());
  addEventListener("focusin", ({ target }) => (line = target.closest?.(".ce-line") ?? null));
  addEventListener("focusout", ({ target, relatedTarget }) => {
    if (!relatedTarget && document.hasFocus()) line = null;
    const form = target.closest?.("form[data-keeps]");
    // After the browser's own "change", which does not come when what was typed is what stood there.
    setTimeout(() => form && waiting.get(form) === "typed" && !sending.has(form) && save(form));
  });

  // Nothing that is typed is lost by going on: it is sent first, and what cannot be sent is asked about.
  addEventListener("beforeunload", (event) => {
    if ([...waiting.keys()].some((form) => form.isConnected && form !== leaving)) event.preventDefault();
  });
  addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    const isElsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || link?.target;
    if (!link || isElsewhere || !waiting.size || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    if ("drops" in link.dataset) waiting.clear();
    else await sent();
    location.assign(link.href);
  });
  addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    leaving = form;
    if (released || ![...waiting.keys()].some((each) => each.isConnected && each !== form)) return;
    event.preventDefault();
    await sent();
    setTimeout(() => {
      // Not before this event is over: until then the form takes no other.
      released = true;
      form.requestSubmit(submitter);
      released = false;
    });
  });

  // A line of options or thresholds that is being filled in: it is sent when it is whole, or left.
  function isHalf(form) {
    if (!line || !form.contains(line)) return false;
    const fields = [...line.querySelectorAll("input:not([type=hidden])")].filter((field) => field.value.trim());
    return fields.length > 0 && !fields.some((field) => field.name.endsWith("-result"));
  }

  // An option gets its code when it is stored: the next save has to name it, or it would be another option.
  function takeCodes(form, sentFields, answer) {
    const drawn = answer.getElementById(form.closest("[data-row]")?.id);
    if (!drawn) return;
    const codes = [...drawn.querySelectorAll("[name^=options-][name$=-code]")].map((each) => each.value).filter(Boolean);
    for (const field of form.querySelectorAll("[name^=options-][name$=-code]")) {
      const result = sentFields.get(field.name.replace(/code$/, "result"));
      field.value = result?.trim() ? (codes.shift() ?? "") : "";
    }
  }

  // The line as the answer draws it: with the fields of its new kind, or with what is to be mended.
  function redraw(form, answer) {
    const row = form.closest("[data-row]");
    const drawn = row && answer.getElementById(row.id);
    if (!drawn) return form;
    const focused = document.activeElement?.id;
    row.replaceWith(drawn);
    htmx.process(drawn);
    (document.getElementById(focused) ?? drawn.querySelector(".gaps a, textarea"))?.focus();
    return drawn.querySelector("form[data-keeps]");
  }

  // What the form is of is not in the draft any more: who took it away, and what was typed.
  function tell(gone) {
    const told = document.querySelector("[data-gone]");
    if (told?.textContent === gone.textContent) return; // its button may be pressed this moment
    told?.remove();
    document.querySelector(".ce-grid").before(gone);
    gone.scrollIntoView({ block: "center" });
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt: form, xhr } = event.detail;
    if (!form.matches("form[data-keeps]")) return;
    // Where two wrote the same, the next save is one that somebody has decided on.
    if (form.querySelector("[data-clash]") || (isHalf(form) && !settled.length)) return void event.preventDefault();
    sending.add(form);
    carried.set(xhr, typed.get(form));
  });

  document.addEventListener("htmx:afterRequest", ({ detail: { elt, xhr, requestConfig } }) => {
    const form = elt.closest("form[data-keeps]");
    if (!form) return;
    sending.delete(form);
    const isOurs = xhr.responseURL && new URL(xhr.responseURL).pathname.startsWith(location.pathname);
    if (!isOurs || xhr.status >= 500 || xhr.status === 0) {
      waiting.set(form, "silent");
      setTimeout(again, RETRY);
      return void show();
    }
    const answer = new DOMParser().parseFromString(xhr.response, "text/html");
    const isLatest = typed.get(form) === carried.get(xhr);
    if (requestConfig.triggeringEvent?.target?.name === "kind") form.dataset.redraws = "";
    if (xhr.status === 200) {
      takeCodes(form, requestConfig.formData, answer);
      if (isLatest) waiting.delete(form);
      else if (settled.length) save(form);
      if (isLatest && "redraws" in form.dataset) redraw(form, answer);
    } else {
      waiting.set(form, "faulty");
      const gone = answer.querySelector("[data-gone]");
      if (gone) tell(gone);
      else if (!form.querySelector(".ce-problems")) waiting.set(redraw(form, answer), "faulty");
    }
    show();
  });

  // Moving. A line's new place is sent with the page's one form for it, and the page comes back with the line in view.
  const place = document.getElementById("place");
  const outline = document.querySelector(".ce-list");

  async function move(row, fields, back) {
    if (!(await sent())) return void back?.();
    const address = new URL(`criteria/${row.dataset.row}/`, new URL(location.pathname, location.origin));
    place.action = address.href;
    place.elements.open.disabled = !row.querySelector(".ce-form");
    for (const [name, value] of Object.entries(fields)) place.elements[name].value = value;
    place.submit();
  }

  outline.addEventListener("keydown", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || !event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    move(row, { do: event.key === "ArrowUp" ? "up" : "down" });
  });

  // Of a line's head: one whose form is open is as high as the page.
  const middle = (row) => row.getBoundingClientRect().top + Math.min(row.offsetHeight, HEAD) / 2;
  let dragged = null;
  let home = null; // where the line stood
  for (const grip of outline.querySelectorAll(".grip")) grip.closest("[data-row]").draggable = false;
  outline.addEventListener("pointerdown", ({ target }) => {
    const row = target.closest(".grip")?.closest("[data-row]");
    if (row) row.draggable = true;
  });
  outline.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-row]");
    home = { rows: dragged.parentElement, next: dragged.nextElementSibling };
    event.dataTransfer.effectAllowed = "move";
    dragged.classList.add("is-dragged");
  });
  outline.addEventListener("dragover", (event) => {
    if (!dragged) return;
    const closed = event.target.closest("details:not([open])");
    if (closed) closed.open = true; // so that a line can be dropped there
    const rows = event.target.closest("[data-section]")?.querySelector("[data-rows]");
    if (!rows) return;
    event.preventDefault();
    const below = [...rows.children].find((each) => each !== dragged && event.clientY < middle(each));
    rows.insertBefore(dragged, below ?? null);
  });
  outline.addEventListener("drop", (event) => event.preventDefault());
  outline.addEventListener("dragend", () => {
    const rows = dragged.parentElement;
    const position = [...rows.children].indexOf(dragged);
    const back = () => home.rows.insertBefore(dragged, home.next);
    move(dragged, { do: "place", section: rows.dataset.rows, position }, back);
  });

  // Back to where the keys left off, once the browser has gone to the line itself.
  addEventListener("load", () => {
    const moved = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    const added = [...(moved?.querySelectorAll("[name=text_vi], [name=name_vi]") ?? [])].find((field) => !field.value);
    const title = moved?.matches("[data-row]:not(:has(.gaps))") && moved.querySelector(".ce-text a");
    const goal = added || title;
    if (goal) setTimeout(() => goal.focus({ preventScroll: true }));
  });
})();
