// Where the phone is: read once, when its owner presses the button, and sent with the form.
"use strict";
(() => {
  const form = document.querySelector("form[data-place]");
  if (!form || !navigator.geolocation) return;
  const LONGEST = 30_000; // milliseconds for the phone to find out
  const words = JSON.parse(document.getElementById("place-words").textContent);
  const line = form.querySelector("[data-says]");
  const button = form.querySelector("button");
  let passed = false; // the next submit is the browser's own

  function found({ coords }) {
    for (const name of ["latitude", "longitude", "accuracy"]) form.elements[name].value = coords[name];
    passed = true;
    form.requestSubmit();
  }

  function failed({ code, PERMISSION_DENIED, TIMEOUT }) {
    line.textContent = words[code === PERMISSION_DENIED ? "denied" : code === TIMEOUT ? "late" : "unavailable"];
    button.disabled = false;
  }

  form.addEventListener("submit", (event) => {
    if (passed || !form.elements.is_agreed.checked) return; // without consent nothing is asked; the server says so
    event.preventDefault();
    if (!navigator.onLine) {
      line.textContent = words.offline;
      return;
    }
    button.disabled = true;
    line.textContent = words.asking;
    navigator.geolocation.getCurrentPosition(found, failed, { enableHighAccuracy: true, timeout: LONGEST, maximumAge: 0 });
  });
  button.hidden = false;
})();
