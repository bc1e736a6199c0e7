// Toasts: what an action came to, and what went wrong with a request.
"use strict";

const toastTemplate = document.getElementById("toast-template");
// Sentences that the page brings in its own language.
const words = toastTemplate.dataset;
const TOAST_MS = 6000;
const KEPT_TOAST = "console.toast";

const toasts = document.getElementById("toasts");

// All but the dialog lies behind its backdrop while it is open.
function raiseToasts() {
  (dialog.open ? dialog : main).prepend(toasts);
}

function toast(text, kind) {
  retire(say(text, kind));
}

// Nothing is said twice at once: it takes the place of what said it before.
function say(text, kind) {
  raiseToasts();
  const said = [...toasts.querySelectorAll(".toast-text")].find((each) => each.textContent === text);
  said?.closest(".toast").remove();
  const element = toastTemplate.content.firstElementChild.cloneNode(true);
  element.className = `toast ${kind}`;
  element.querySelector(".toast-text").textContent = text;
  toasts.append(element);
  return element;
}

// What went wrong stays until it is dismissed; and nothing leaves while somebody is at it.
function retire(element) {
  element.querySelector("[data-dismiss]").hidden = false;
  if (element.matches(".error")) return;
  const leave = () => (element.matches(":hover, :focus-within") ? retire(element) : dismiss(element));
  setTimeout(leave, TOAST_MS);
}

function dismiss(element) {
  element.classList.add("leaving");
  setTimeout(() => element.remove(), SOON_MS);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) dismiss(button.closest(".toast"));
});

toasts.querySelectorAll(".toast").forEach(retire);

const kept = sessionStorage.getItem(KEPT_TOAST);
if (kept) {
  sessionStorage.removeItem(KEPT_TOAST);
  toast(kept, "success");
}

// --- What goes wrong ------------------------------------------------------------------------

const REFRESHING = "[data-refreshes], [data-live]";
// These ask again by themselves; live.js says what is no longer up to date.
const POLLING = "[data-live], [hx-trigger^=every]";

document.body.addEventListener("htmx:responseError", ({ detail }) => {
  const { status } = detail.xhr;
  if (status === 404 && detail.elt.matches(`${REFRESHING}, ${POLLING}`)) return giveUp(detail.elt);
  if (detail.elt.matches(POLLING)) return;
  if (status === 404 && isByHand(detail)) refreshAll();
  const why = { 403: words.outOfDate, 404: words.gone }[status];
  toast(why ?? words.failed, "error");
});

document.body.addEventListener("htmx:sendError", ({ detail }) => {
  if (detail.elt.matches(POLLING)) return;
  // Without an event it is a dialog that is opened, which says it there.
  if (detail.requestConfig.triggeringEvent) toast(words.unreachable, "error");
});

function isByHand({ elt, target }) {
  return dialog.contains(target) || elt.matches("form");
}

function refreshAll() {
  htmx.trigger(document.body, "console:changed");
}

// Whatever is around it knows what is left. Where nothing is around it, what the page shows is
// gone: it says so once, and asks no more.
function giveUp(element) {
  if (element.parentElement.closest("[data-refreshes]")) return refreshAll();
  const callout = document.getElementById("gone-template").content.cloneNode(true);
  const list = document.querySelector(".nav [aria-current]");
  const link = callout.querySelector("a");
  if (list) {
    link.href = list.href;
    link.textContent = list.textContent.trim();
  }
  if (element.matches(REFRESHING)) document.querySelector(".page-actions").replaceChildren();
  element.replaceWith(callout);
}
