// The draft editor: htmx saves what is changed; this says whether it was saved, and moves lines by keys and by dragging.
"use strict";
(() => {
  const RETRY = 10_000; // milliseconds until what was not saved is sent again
  const HEAD = 60; // pixels: the height of a line without its form
  const unsaved = document.getElementById("unsaved");
  const waiting = new Set(); // forms whose fields the server does not have

  function show() {
    unsaved.hidden = waiting.size === 0;
    document.getElementById("saved").hidden = waiting.size > 0;
  }

  const again = () => [...waiting].filter((form) => form.isConnected).forEach((form) => htmx.trigger(form, "change"));
  addEventListener("online", again);
  addEventListener("beforeunload", (event) => waiting.size && event.preventDefault());

  // The line as the answer draws it: with the fields of its new kind, or with what is to be mended.
  function redraw(form, answer) {
    const row = form.closest("[data-row]");
    const drawn = row && answer.getElementById(row.id);
    if (!drawn) return;
    const focused = document.activeElement?.id;
    row.replaceWith(drawn);
    htmx.process(drawn);
    (document.getElementById(focused) ?? drawn.querySelector(".gaps a, textarea"))?.focus();
  }

  document.addEventListener("htmx:afterRequest", ({ detail: { elt, xhr, requestConfig } }) => {
    const form = elt.closest("form[data-keeps]");
    if (!form) return;
    const isOurs = xhr.responseURL && new URL(xhr.responseURL).pathname.startsWith(location.pathname);
    const isMended = isOurs && xhr.status === 200;
    waiting[isMended ? "delete" : "add"](form);
    show();
    if (!isOurs || xhr.status >= 500 || xhr.status === 0) return void setTimeout(again, RETRY);
    const byKind = requestConfig.triggeringEvent?.target?.name === "kind";
    if (byKind || (!isMended && !form.querySelector(".ce-problems"))) {
      waiting.delete(form);
      show();
      redraw(form, new DOMParser().parseFromString(xhr.response, "text/html"));
    }
  });

  // Moving. A line's new place is sent with the page's one form for it, and the page comes back with the line in view.
  const place = document.getElementById("place");
  const outline = document.querySelector(".ce-list");

  function move(row, fields) {
    const address = new URL(`criteria/${row.dataset.row}/`, new URL(location.pathname, location.origin));
    place.action = address.href;
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
  for (const grip of outline.querySelectorAll(".grip")) grip.closest("[data-row]").draggable = false;
  outline.addEventListener("pointerdown", ({ target }) => {
    const row = target.closest(".grip")?.closest("[data-row]");
    if (row) row.draggable = true;
  });
  outline.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-row]");
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
    move(dragged, { do: "place", section: rows.dataset.rows, position });
  });

  // Back to where the keys left off, once the browser has gone to the line itself.
  addEventListener("load", () => {
    const moved = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
    const title = moved?.matches("[data-row]:not(:has(.gaps))") && moved.querySelector(".ce-text a");
    if (title) setTimeout(() => title.focus({ preventScroll: true }));
  });
})();
