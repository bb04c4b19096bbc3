// The form of a listing: rows added in place, counters near the limit, a word before typed text is left. It works without this file.
"use strict";
(() => {
  // What went wrong, or what others changed, is read first.
  const first = document.querySelector("[data-focus-first]");
  if (first) first.focus({ preventScroll: false });

  // A new row is the pattern with its number.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-row]");
    if (!button) return;
    const list = document.querySelector(`[data-rows="${button.dataset.addRow}"]`);
    const pattern = list && list.querySelector("template");
    if (!pattern) return;
    event.preventDefault();
    const number = list.querySelectorAll(":scope > .row-line").length;
    const holder = document.createElement("div");
    holder.innerHTML = pattern.innerHTML.replaceAll("__n__", String(number)).replaceAll("__m__", String(number + 1));
    const row = holder.firstElementChild;
    list.insertBefore(row, pattern);
    row.querySelector("input, select").focus();
  });

  // How much room is left, once it gets narrow.
  const counters = new WeakMap();
  const count = (field) => {
    const limit = Number(field.dataset.limit);
    const left = limit - [...field.value].length;
    let note = counters.get(field);
    if (!note && left > limit / 5) return;
    if (!note) {
      note = document.createElement("p");
      note.className = "count-left";
      note.setAttribute("aria-live", "polite");
      field.after(note);
      counters.set(field, note);
    }
    note.hidden = left > limit / 5;
    note.classList.toggle("error", left < 0);
    const form = field.form;
    note.textContent = (left < 0 ? form.dataset.wordsOver : form.dataset.wordsLeft).replace("#", String(Math.abs(left)));
  };
  document.addEventListener("input", (event) => {
    if (event.target.dataset && event.target.dataset.limit) count(event.target);
  });
  document.querySelectorAll("[data-limit]").forEach(count);

  // A link to a field inside a folded part opens the part.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const field = target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea");
    if (field) field.focus();
  };
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) reveal();
  });

  // The part that is being read is marked in the list of parts, and drawn into sight where the list is wider than the page.
  const steps = [...document.querySelectorAll(".step-nav a")];
  const parts = steps.map((link) => document.getElementById(link.hash.slice(1)));
  let marked = null;
  const mark = () => {
    const at = parts.findLastIndex((part) => part && part.getBoundingClientRect().top < innerHeight / 3);
    const link = steps[Math.max(at, 0)];
    if (!link || link === marked) return;
    if (marked) marked.removeAttribute("aria-current");
    marked = link;
    link.setAttribute("aria-current", "step");
    const list = link.closest("ol");
    list.scrollLeft = link.offsetLeft - list.offsetLeft - 16;
  };
  if (steps.length) {
    addEventListener("scroll", mark, { passive: true });
    mark();
  }

  // Typed text is not left by accident.
  const guarded = document.querySelector("form[data-guard]");
  let isDirty = false;
  if (guarded) {
    guarded.addEventListener("input", () => { isDirty = true; });
    document.addEventListener("htmx:after:swap", (event) => {
      if (document.querySelector("#saved-at")?.textContent.trim() && !document.querySelector("#saved-at .missing")) isDirty = false;
      if (event.detail?.ctx?.target?.id === "figures") guarded.dispatchEvent(new Event("change", { bubbles: true }));
    });
    guarded.addEventListener("click", (event) => { if (event.target.closest("[data-add-row]")) isDirty = true; });
    document.addEventListener("submit", (event) => { if ((event.target === guarded || event.submitter?.form === guarded) && !event.submitter?.hasAttribute("data-stays")) isDirty = false; });
    addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });
  }
})();
