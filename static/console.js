// What the console does beyond plain pages: dialogs, menus, countdowns, copy and show buttons.
//
// Every page works without this file. A link with `data-dialog` opens its page's fragment in the
// one <dialog>; a form in it is sent by htmx. The server ends such a visit with an HX-Trigger:
//   console:done     {message}  close the dialog, say the message, refresh what is shown
//   console:changed             refresh what is shown (elements that listen for it on <body>)
"use strict";

const dialog = document.getElementById("dialog");
const content = document.getElementById("dialog-content");
const main = document.getElementById("main");
const SOON_MS = 300;

// --- Dialog ---------------------------------------------------------------------------------

// What opened the dialog, by its address: the list around it may have been refreshed since.
let opener = null;
let isRefreshing = false;

function isPlainClick(event) {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}

async function openInDialog(url) {
  try {
    await htmx.ajax("GET", url, { target: content, swap: "innerHTML" });
  } catch {
    return toast(words.unreachable, "error");
  }
  if (content.childElementCount > 0 && !dialog.open) dialog.showModal();
  focusFirstField();
}

function focusFirstField() {
  const title = document.getElementById("dialog-title");
  title?.setAttribute("tabindex", "-1");
  const field = content.querySelector("[aria-invalid=true], [autofocus], input:not([type=hidden])");
  (field ?? title)?.focus();
}

// The link may be folded away in its menu, or gone with what it was for.
function returnFocus() {
  const links = [...document.querySelectorAll("a[data-dialog]")];
  const link = links.find((each) => each.getAttribute("href") === opener?.href);
  const menu = link?.closest("details:not([open])");
  const row = opener && document.getElementById(opener.row);
  const beside = row?.querySelector("summary") ?? row?.querySelector("a");
  (menu?.querySelector("summary") ?? link ?? beside ?? main).focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (link && isPlainClick(event)) {
    event.preventDefault();
    const row = link.closest("[id]:not(a)")?.id;
    if (!dialog.contains(link)) opener = { href: link.getAttribute("href"), row };
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
  opener = null;
  const query = new URLSearchParams(new FormData(form, event.submitter));
  openInDialog(`${event.submitter.formAction}?${query}`);
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-tick-all]")) return;
  const ticks = event.target.form.querySelectorAll('input[type="checkbox"][name]');
  ticks.forEach((tick) => (tick.checked = event.target.checked));
});

// A stray click or Escape does not take away what was typed, nor a password that is shown once.
// Its own buttons close it all the same.
const TO_KEEP = "[data-keep-open], [aria-invalid=true], .errors";

function hasSomethingToLose() {
  const fields = content.querySelectorAll("input, textarea, select");
  return content.querySelector(TO_KEEP) !== null || [...fields].some(isFilled);
}

function isFilled(field) {
  if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
  if (!field.matches("select")) return field.value !== field.defaultValue;
  const first = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(first, 0);
}

function guard() {
  dialog.closedBy = hasSomethingToLose() ? "none" : "any";
}

content.addEventListener("input", guard);
content.addEventListener("change", guard);

// A log-in has ended: the server says so above the form, which stays. Once it is said is enough; and
// whoever logs in again in another tab has another token, which is in the cookie.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.xhr.status === 401) document.getElementById("log-in-again")?.remove();
});

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  if (detail.verb === "get" || !token) return;
  detail.headers["X-CSRFToken"] = token;
  if (detail.formData.has("csrfmiddlewaretoken")) detail.formData.set("csrfmiddlewaretoken", token);
});

// Where the browser does not know closedby: a click beside the dialog closes it.
const KNOWS_CLOSED_BY = "closedBy" in HTMLDialogElement.prototype;

dialog.addEventListener("click", (event) => {
  if (!KNOWS_CLOSED_BY && event.target === dialog && !hasSomethingToLose()) dialog.close();
});

dialog.addEventListener("cancel", (event) => {
  if (hasSomethingToLose()) event.preventDefault();
});

// A dialog may show a secret: nothing of it stays in the page.
dialog.addEventListener("close", () => {
  content.replaceChildren();
  guard();
  raiseToasts();
  if (opener) returnFocus();
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.target === content) guard();
  if (event.target === content && dialog.open) focusFirstField();
  if (event.target === content || !isRefreshing) return;
  if (document.activeElement === document.body) returnFocus();
  isRefreshing = false;
});

document.body.addEventListener("console:done", (event) => {
  if (dialog.open) dialog.close();
  finish(event.detail.message);
});

function finish(message) {
  if (document.querySelector("[data-refreshes]")) {
    toast(message, "success");
    isRefreshing = true;
    refreshAll();
  } else {
    sessionStorage.setItem(KEPT_TOAST, message);
    location.reload();
  }
}

// --- What takes long ------------------------------------------------------------------------

const asked = new Set();

function showWhetherBusy() {
  document.documentElement.classList.toggle("busy", asked.size > 0);
}

// Nobody waits for what a page asks for by itself.
document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches("[data-live], [hx-trigger^=every]")) return;
  asked.add(detail.xhr);
  setTimeout(showWhetherBusy, SOON_MS);
});

document.body.addEventListener("htmx:afterRequest", ({ detail }) => {
  asked.delete(detail.xhr);
  showWhetherBusy();
});

// --- Menus ----------------------------------------------------------------------------------

const MENUS = "details.menu[open], details.account[open]";

function closeMenus(except) {
  document.querySelectorAll(MENUS).forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
}

document.addEventListener("click", (event) => closeMenus(event.target.closest(MENUS)));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector(MENUS);
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
  const text = (button.closest("[data-copy-from]") ?? button.parentElement).querySelector("[data-copy-text]");
  const word = button.querySelector("[data-copy-word]");
  try {
    await navigator.clipboard.writeText(text.textContent);
    word.textContent = words.copied;
  } catch {
    getSelection().selectAllChildren(text);
    word.textContent = words.selected;
  }
});

// --- Show buttons ---------------------------------------------------------------------------

// Buttons that do nothing without scripts come hidden.
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
