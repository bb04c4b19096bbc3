// Suggestions under a search box (the ARIA combobox with a list). The form searches without this file, and whenever nothing is chosen.
"use strict";
(() => {
  const PAUSE = 120;
  let boxes = 0;

  const equip = (input) => {
    const id = `completing-${++boxes}`;
    const holder = document.createElement("div");
    holder.className = "completing-holder";
    const list = document.createElement("div");
    list.className = "completing-box";
    list.id = id;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.getAttribute("aria-label"));
    list.hidden = true;
    const told = document.createElement("div");
    told.className = "visually-hidden";
    told.setAttribute("role", "status");
    told.setAttribute("aria-live", "polite");
    const hadFocus = document.activeElement === input;
    input.replaceWith(holder);
    holder.append(input, list, told);
    if (hadFocus) input.focus();
    for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-haspopup", "listbox"], ["aria-controls", id], ["aria-expanded", "false"]]) input.setAttribute(name, value);

    let timer = 0;
    let asked = null;
    let chosen = -1;
    const options = () => [...list.querySelectorAll("[role=option]")];

    const choose = (at) => {
      const all = options();
      chosen = at;
      all.forEach((each, index) => each.setAttribute("aria-selected", String(index === at)));
      if (at < 0) {
        input.removeAttribute("aria-activedescendant");
        return;
      }
      input.setAttribute("aria-activedescendant", all[at].id);
      all[at].scrollIntoView({ block: "nearest" });
    };
    const close = () => {
      clearTimeout(timer);
      if (asked) asked.abort();
      asked = null;
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      choose(-1);
    };
    const open = () => {
      if (!options().length) return;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    };
    const show = (html) => {
      list.innerHTML = html;
      options().forEach((each, index) => { each.id = `${id}-${index}`; });
      choose(-1);
      const found = list.querySelector("[data-told]");
      told.textContent = found ? found.dataset.told : "";
      if (options().length) open();
      else close();
    };
    const ask = async () => {
      const typed = input.value.trim();
      if (asked) asked.abort();
      asked = null;
      if (!typed) {
        list.replaceChildren();
        told.textContent = "";
        close();
        return;
      }
      const mine = new AbortController();
      asked = mine;
      try {
        const answer = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(typed.slice(0, 200))}`, { headers: { "HX-Request": "true" }, signal: mine.signal });
        const html = answer.ok ? await answer.text() : "";
        if (asked === mine && document.activeElement === input) show(html); // a later question has dropped this one
      } catch (problem) {
        if (asked === mine) close();
      }
    };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    };
    const go = (option) => {
      close();
      location.assign(option.dataset.href);
    };

    input.addEventListener("input", (event) => { if (!event.isComposing) soon(); });
    input.addEventListener("compositionend", soon);
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      const isOpen = !list.hidden;
      const last = options().length - 1;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (!isOpen && last < 0) return;
        event.preventDefault();
        if (!isOpen) open();
        if (event.altKey) return;
        // Through "none", where Enter searches for what was typed.
        if (event.key === "ArrowDown") choose(chosen >= last ? -1 : chosen + 1);
        else choose(chosen < 0 ? last : chosen - 1);
      } else if (event.key === "Enter") {
        if (isOpen && chosen >= 0) {
          event.preventDefault();
          go(options()[chosen]);
        } else close();
      } else if (event.key === "Escape" && isOpen) {
        event.preventDefault();
        close();
      }
    });
    // The focus stays in the box while the mouse chooses.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) go(option);
    });
    input.form.addEventListener("submit", close);
  };

  document.querySelectorAll("input[data-suggest]").forEach(equip);
})();
