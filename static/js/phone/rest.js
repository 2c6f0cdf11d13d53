// "The rest does not apply": marks each open question of the page, with the one reason, as if it had been tapped.
"use strict";
(() => {
  const button = document.querySelector("[name=rest_na]");
  if (!button || !smile.keepAll) return; // without the form's own script the server marks them
  const { form } = button;
  const reason = form.elements.rest_na_reason;
  const says = (each) => (each.type === "radio" ? each.checked : /-(number|text)$/.test(each.name) && each.value.trim());

  button.addEventListener("click", (event) => {
    event.preventDefault();
    reason.value = reason.value.trim();
    reason.required = true;
    if (!reason.reportValidity()) return;
    for (const mark of form.querySelectorAll(".na input")) {
      const box = mark.closest("fieldset");
      if ([...box.elements].some(says)) continue;
      form.elements[`${box.id}-reason`].value = reason.value;
      mark.checked = true;
      mark.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
})();
