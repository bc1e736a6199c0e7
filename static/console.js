// What the console does beyond plain pages: dialogs, toasts, menus, countdowns, copy and show buttons.
//
// Every page works without this file. A link with `data-dialog` opens its page's fragment in the
// one <dialog>; a form in it is sent by htmx. The server ends such a visit with an HX-Trigger:
//   console:done     {message}  close the dialog, say the message, refresh what is shown
//   console:changed             refresh what is shown (elements that listen for it on <body>)
"use strict";

const dialog = document.getElementById("dialog");
const content = document.getElementById("dialog-content");
const TOAST_MS = 6000;
const UNREACHABLE = "The console cannot be reached. Is it running?";
const KEPT_TOAST = "console.toast";

document.documentElement.classList.add("js");

// --- Dialog ---------------------------------------------------------------------------------

function isPlainClick(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

async function openInDialog(url) {
  try {
    await htmx.ajax("GET", url, { target: content, swap: "innerHTML" });
  } catch {
    return toast(UNREACHABLE, "error");
  }
  if (content.childElementCount > 0 && !dialog.open) dialog.showModal();
  focusFirstField();
}

function focusFirstField() {
  const field = content.querySelector("[aria-invalid=true], [autofocus], input:not([type=hidden])");
  if (field) field.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && isPlainClick(event)) {
    event.preventDefault();
    closeMenus();
    openInDialog(link.href);
  }
  const closer = event.target.closest("[data-close]");
  if (closer && dialog.open) {
    event.preventDefault();
    dialog.close();
  }
});

// A form that only asks for a page opens it in the dialog like a link.
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-dialog]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const query = new URLSearchParams(new FormData(form, event.submitter));
  openInDialog(`${event.submitter.formAction}?${query}`);
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  const ticks = event.target.form.querySelectorAll('input[type="checkbox"][name]');
  ticks.forEach((tick) => (tick.checked = event.target.checked));
});

// Where the browser does not know closedby: a click beside the dialog closes it.
dialog.addEventListener("click", (event) => {
  if (event.target === dialog && !content.querySelector("[data-keep-open]")) dialog.close();
});

// A password that is shown once does not vanish by a stray click or Escape.
dialog.addEventListener("cancel", (event) => {
  if (content.querySelector("[data-keep-open]")) event.preventDefault();
});

// A dialog may show a secret: nothing of it stays in the page.
dialog.addEventListener("close", () => content.replaceChildren());

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target === content && dialog.open) focusFirstField();
});

document.body.addEventListener("console:done", (event) => {
  if (dialog.open) dialog.close();
  finish(event.detail.message);
});

function finish(message) {
  if (document.querySelector("[data-refreshes]")) {
    toast(message, "success");
    htmx.trigger(document.body, "console:changed");
  } else {
    sessionStorage.setItem(KEPT_TOAST, message);
    location.reload();
  }
}

// --- Toasts ---------------------------------------------------------------------------------

const toasts = document.getElementById("toasts");
const main = document.getElementById("main");
const WHAT_TO_DO = {
  403: "This page is out of date. Reload it, then try again.",
  404: "That no longer exists.",
};

// All but the dialog lies behind its backdrop while it is open.
function raiseToasts() {
  (dialog.open ? dialog : main).prepend(toasts);
}

dialog.addEventListener("close", raiseToasts);

function toast(text, kind) {
  raiseToasts();
  const element = document.createElement("div");
  element.className = `toast ${kind}`;
  const words = document.createElement("span");
  words.className = "toast-text";
  words.textContent = text;
  element.append(words);
  toasts.append(element);
  retire(element);
}

function retire(element) {
  setTimeout(() => element.classList.add("leaving"), TOAST_MS);
  setTimeout(() => element.remove(), TOAST_MS + 300);
}

document.querySelectorAll(".toast").forEach(retire);

const kept = sessionStorage.getItem(KEPT_TOAST);
if (kept) {
  sessionStorage.removeItem(KEPT_TOAST);
  toast(kept, "success");
}

document.body.addEventListener("htmx:responseError", (event) => {
  const gone = event.detail.xhr.status === 404;
  if (gone) htmx.trigger(document.body, "console:changed");
  toast(WHAT_TO_DO[event.detail.xhr.status] ?? "That did not work. Please try again.", "error");
});

document.body.addEventListener("htmx:sendError", (event) => {
  // A poll asks again by itself, and opening a dialog says it there.
  if (event.detail.requestConfig.triggeringEvent) toast(UNREACHABLE, "error");
});

// --- Menus ----------------------------------------------------------------------------------

function closeMenus(except) {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A refreshed table brings its menus closed: the one that somebody is in is opened again.
let openRow = null;

document.body.addEventListener("htmx:beforeSwap", () => {
  const menu = document.querySelector("tr[id] details.menu[open]");
  openRow = menu && { id: menu.closest("tr").id, hasFocus: menu.contains(document.activeElement) };
});

document.body.addEventListener("htmx:afterSwap", () => {
  const menu = openRow && document.querySelector(`#${openRow.id} details.menu`);
  if (!menu || menu.open) return;
  menu.open = true;
  if (openRow.hasFocus) menu.querySelector("summary").focus();
});

// --- Copy buttons ---------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.parentElement.querySelector("[data-copy-text]");
  const word = button.querySelector("[data-copy-word]");
  try {
    await navigator.clipboard.writeText(text.textContent);
    word.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(text);
    word.textContent = "Selected: press Ctrl+C";
  }
});

// --- Show buttons ---------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  if (!button) return;
  const field = document.getElementById(button.getAttribute("aria-controls"));
  const isShown = field.type === "text";
  field.type = isShown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!isShown));
});

// Buttons that do nothing without this file come hidden.
function showButtons() {
  document
    .querySelectorAll("[data-copy][hidden], [data-reveal][hidden]")
    .forEach((button) => (button.hidden = false));
}

// --- Countdowns -----------------------------------------------------------------------------
// The server sends seconds, not only a time: a wrong clock on this side does not matter.

function remaining(seconds) {
  const left = Math.max(0, Math.round(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

function countDown() {
  document.querySelectorAll("[data-seconds-left]").forEach((element) => {
    element.endsAt ??= performance.now() + 1000 * Number(element.dataset.secondsLeft);
    element.textContent = remaining((element.endsAt - performance.now()) / 1000);
  });
}

setInterval(countDown, 1000);
document.body.addEventListener("htmx:load", () => {
  showButtons();
  countDown();
});
showButtons();
countDown();
