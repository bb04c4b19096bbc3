// The search page after a swap: what a person has unfolded stays so, and boxes show what was searched with.
"use strict";
(() => {
  document.addEventListener("htmx:before:morph:attr", (event) => {
    if (event.detail.attrName === "open") event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", () => {
    for (const box of document.querySelectorAll("#found input")) {
      if (box.type === "checkbox") box.checked = box.defaultChecked;
      else if (box !== document.activeElement) box.value = box.defaultValue;
    }
    for (const select of document.querySelectorAll("#found select")) {
      for (const option of select.options) option.selected = option.defaultSelected;
    }
  });
})();
