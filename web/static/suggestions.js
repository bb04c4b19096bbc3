// Many boxes with few presses: all of a page, J and K between them. Each box works without this file.
"use strict";
(() => {
  const form = document.querySelector(".picks");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[name=pick]")];
  const all = form.querySelector("[data-pick-all]");
  const told = form.querySelector("[data-picked]");
  const whole = all.querySelector("input");
  all.hidden = false;

  const count = () => {
    const picked = boxes.filter((box) => box.checked).length;
    told.textContent = picked ? `${picked} / ${boxes.length}` : "";
    whole.checked = picked === boxes.length;
    whole.indeterminate = picked > 0 && picked < boxes.length;
  };
  whole.addEventListener("change", () => {
    for (const box of boxes) box.checked = whole.checked;
    count();
  });
  form.addEventListener("change", count);
  addEventListener("pageshow", count);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(event.key)) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
    const at = boxes.indexOf(document.activeElement);
    const next = boxes[event.key === "j" ? Math.min(at + 1, boxes.length - 1) : Math.max(at - 1, 0)];
    if (next) {
      event.preventDefault();
      next.focus();
    }
  });
})();
