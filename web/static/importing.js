// The upload: a file that is too large is said to be so before it travels, and the button shows that it does.
"use strict";
(() => {
  document.addEventListener("change", (event) => {
    const input = event.target.closest("input[type=file][data-limit-bytes]");
    if (!input) return;
    document.getElementById("refusal")?.remove();
    const isTooLarge = [...input.files].some((file) => file.size > Number(input.dataset.limitBytes));
    input.setCustomValidity(isTooLarge ? input.dataset.tooLarge : "");
    if (isTooLarge) input.reportValidity();
  });
  document.addEventListener("submit", (event) => {
    const button = event.target.querySelector("button[data-busy]");
    if (!button) return;
    button.dataset.idle = button.textContent;
    button.textContent = button.dataset.busy;
  });
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("button[data-idle]")) button.textContent = button.dataset.idle;
  });
})();
