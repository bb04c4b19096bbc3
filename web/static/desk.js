// The desk and its queue by keys: 1 to 4 grade the current pair, J and K move, S skips in the queue, Z takes the last grade back. Everything works without.
"use strict";
(() => {
  const NOTE_SECONDS = 8;
  let current = null; // the id of the pair the keys work on; an id, because answers replace the element

  const pairs = () => [...document.querySelectorAll("#desk [data-pair]")];
  const note = () => document.getElementById("desk-note");

  function mark(article) {
    current = article ? article.id : null;
    for (const each of pairs()) {
      if (each === article) each.setAttribute("aria-current", "true");
      else each.removeAttribute("aria-current");
    }
  }

  function currentPair() {
    return pairs().find((each) => each.id === current) || pairs()[0] || null;
  }

  function move(step) {
    const all = pairs();
    if (!all.length) return;
    const at = all.indexOf(currentPair());
    // The first J goes to the first pair: nobody has been on it yet.
    const begins = !all[at].contains(document.activeElement) && at === 0 && step > 0;
    const next = all[Math.min(Math.max(begins ? 0 : at + step, 0), all.length - 1)];
    mark(next);
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  function grade(key) {
    const pair = currentPair();
    const button = pair && pair.querySelector(`button.grade[aria-keyshortcuts="${key}"]`);
    if (!button) return;
    mark(pair);
    if (!pair.contains(document.activeElement)) pair.focus({ preventScroll: true });
    pair.scrollIntoView({ block: "nearest", behavior: "instant" });
    button.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable], details.menu[open]")) return;
    const key = event.key.toLowerCase();
    if ("1234".includes(key) && key.length === 1) grade(key);
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "s") document.getElementById("skip")?.click();
    else if (key === "z") document.getElementById("undo")?.click();
    else return;
    event.preventDefault();
  });

  for (const name of ["focusin", "pointerdown"]) {
    document.addEventListener(name, (event) => {
      const pair = event.target.closest?.("#desk [data-pair]");
      if (pair) mark(pair);
    });
  }

  // A reason chosen after the grade is kept with it.
  document.addEventListener("change", (event) => {
    const select = event.target.closest(".grades select");
    select?.form.querySelector('button[aria-pressed="true"]')?.click();
  });

  // A note stays long enough to be read, and as long as the pointer or the focus is on it.
  let timer = 0;
  function forget() {
    const box = note();
    if (!box) return;
    if (box.matches(":hover, :focus-within")) timer = setTimeout(forget, 1000);
    else box.replaceChildren();
  }
  function noteShown() {
    clearTimeout(timer);
    if (note()?.children.length && !note().querySelector(".teach")) timer = setTimeout(forget, NOTE_SECONDS * 1000);
  }

  function settle() {
    const help = document.querySelector("[data-keys]");
    if (help) help.hidden = false;
    mark(currentPair());
    noteShown();
  }

  // An answer of a grade keeps focus and place; another need begins at its head.
  let shown = null;
  const needShown = () => document.querySelector('.grades input[name="need"], .undo input[name="need"]')?.value;
  document.addEventListener("htmx:after:swap", () => {
    settle();
    if (needShown() === shown) return;
    shown = needShown();
    mark(pairs()[0] || null);
    const desk = document.getElementById("desk");
    if (desk && desk.getBoundingClientRect().top < 0) desk.scrollIntoView({ block: "start", behavior: "instant" });
    const focused = document.activeElement;
    const isLost = !focused || focused === document.body || focused.offsetParent === null;
    if (isLost) document.getElementById("need-title")?.focus({ preventScroll: true });
  });

  document.addEventListener("htmx:error", () => {
    const text = document.getElementById("desk")?.dataset.offline;
    if (!text || !note()) return;
    const line = document.createElement("p");
    line.textContent = text;
    note().replaceChildren(line);
    noteShown();
  });

  function begin() {
    shown = needShown();
    const named = location.hash.startsWith("#pair-") && document.getElementById(location.hash.slice(1));
    settle();
    if (named) {
      mark(named);
      named.focus({ preventScroll: true });
    }
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
