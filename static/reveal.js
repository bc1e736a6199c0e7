// A button that shows the password in the field beside it. It comes hidden: without this file it
// would do nothing.
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const isShown = field.type === "text";
  field.type = isShown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!isShown));
});

// What a browser remembers of fields that were sent must not be a password.
document.addEventListener("submit", (event) => {
  event.target.querySelectorAll('[data-reveal][aria-pressed="true"]').forEach((button) => {
    document.getElementById(button.getAttribute("aria-controls")).type = "password";
    button.setAttribute("aria-pressed", "false");
  });
});

document.querySelectorAll("[data-reveal][hidden]").forEach((button) => (button.hidden = false));
