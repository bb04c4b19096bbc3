// Small comforts for every page; each works without this file too.
"use strict";
(() => {
  const menus = () => document.querySelectorAll("details[data-menu][open]");

  // A menu closes when one looks elsewhere, and gives the focus back on Escape.
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // "/" goes to the search box, unless somebody is typing.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const box = [...document.querySelectorAll("input[type=search]")].find((each) => each.offsetParent !== null);
    if (box) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });

  // An account of the demonstration fills the sign-in form.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill-login]");
    if (!button) return;
    const form = document.getElementById(button.getAttribute("data-fill-form"));
    form.elements.login.value = button.getAttribute("data-fill-login");
    form.elements.password.value = button.getAttribute("data-fill-password");
    form.requestSubmit();
  });

  // One press of a button sends one form; the server's receipt is the real guard.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
})();
