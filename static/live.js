// Keeps what is shown up to date. An element with `data-live="SECONDS"`, an id, `hx-get` and
// `hx-trigger="live"` is asked for anew at that pace, as long as it is shown and nobody is in
// the middle of something in it. The server answers 204 where nothing has changed since.
// A <details> with an id stays as the reader left it.
"use strict";

const TICK_MS = 1000;
const IN_THE_MIDDLE = "details.menu[open], input[name]:checked, :focus-visible, select:focus";

const lastAsked = new WeakMap();
const versions = new Map();

function isShown(element) {
  return element.getClientRects().length > 0;
}

function isDue(element, now) {
  if (!lastAsked.has(element)) lastAsked.set(element, now);
  return now - lastAsked.get(element) >= Number(element.dataset.live) * 1000;
}

function isBusy(element) {
  const selected = getSelection();
  const isReading = !selected.isCollapsed && element.contains(selected.anchorNode);
  return isReading || element.querySelector(IN_THE_MIDDLE) !== null;
}

function askWhatIsDue() {
  if (document.hidden || document.querySelector("dialog[open]")) return;
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-live]")) {
    if (!isDue(element, now) || !isShown(element) || isBusy(element)) continue;
    lastAsked.set(element, now);
    htmx.trigger(element, "live");
  }
}

setInterval(askWhatIsDue, TICK_MS);
// Who comes back to the tab does not look at what was.
document.addEventListener("visibilitychange", askWhatIsDue);

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.triggeringEvent?.type !== "live") return;
  detail.headers["Live-Version"] = versions.get(detail.elt.id) ?? "none";
});

document.body.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  const version = detail.xhr.getResponseHeader("Live-Version");
  if (version) versions.set(detail.elt.id, version);
});

// --- What is no longer up to date ---------------------------------------------------------------
// One note for all that asks by itself, from the first failure until everything answers again.

const failing = new Set();
let upToDateAt = new Date();
let staleNote = null;

function noteAnswer(element, isGood) {
  if (!element.matches(POLLING)) return;
  failing[isGood ? "delete" : "add"](element);
  failing.forEach((each) => each.isConnected || failing.delete(each));
  if (failing.size > 0) staleNote ??= say(staleWords(), "warning");
  else showUpToDate();
}

function showUpToDate() {
  upToDateAt = new Date();
  if (staleNote) dismiss(staleNote);
  staleNote = null;
}

function staleWords() {
  const time = upToDateAt.toLocaleTimeString(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: words.timeZone,
  });
  return words.stale.replace("{time}", time);
}

// What is gone is an answer, too.
document.body.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  noteAnswer(detail.elt, detail.xhr.status < 400 || detail.xhr.status === 404);
});
document.body.addEventListener("htmx:sendError", ({ detail }) => noteAnswer(detail.elt, false));

// --- What the reader has opened or folded up ---------------------------------------------------
// What is refreshed comes as the server sees it: where somebody wants it otherwise, it stays so.

const FOLDS = ":is([data-live], [data-refreshes]) details[id]";
const openAsSent = new WeakMap();
const chosen = new Map();

function noteAsSent() {
  for (const fold of document.querySelectorAll(FOLDS)) {
    if (!openAsSent.has(fold)) openAsSent.set(fold, fold.open);
  }
}

document.body.addEventListener("htmx:beforeSwap", () => {
  chosen.clear();
  for (const fold of document.querySelectorAll(FOLDS)) {
    if (fold.open !== openAsSent.get(fold)) chosen.set(fold.id, fold.open);
  }
});

document.body.addEventListener("htmx:afterSwap", () => {
  noteAsSent();
  for (const [id, isOpen] of chosen) document.getElementById(id)?.toggleAttribute("open", isOpen);
});

noteAsSent();
