// Lists: the checkbox that ticks all rows shows how many are ticked, Shift ticks a range, and what
// is not asked for stays out of the address.
//
// Every list works without this file.
"use strict";

let lastTick = null;

function ticksOf(form) {
  return [...form.querySelectorAll('.tick-cell input[type="checkbox"]')];
}

function showWhetherAll(form) {
  const all = form.querySelector("[data-tick-all]");
  if (!all) return;
  const ticks = ticksOf(form);
  const number = ticks.filter((tick) => tick.checked).length;
  all.checked = number > 0 && number === ticks.length;
  all.indeterminate = number > 0 && number < ticks.length;
}

document.addEventListener("click", (event) => {
  const tick = event.target.closest('.tick-cell input[type="checkbox"]');
  if (!tick) return;
  const ticks = ticksOf(tick.form);
  const [from, to] = [ticks.indexOf(lastTick), ticks.indexOf(tick)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) {
    ticks.slice(from, to + 1).forEach((each) => (each.checked = tick.checked));
  }
  lastTick = tick;
  showWhetherAll(tick.form);
});

// A page that the browser brings back comes with its ticks.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form.ticking").forEach(showWhetherAll);
});

document.body.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("form[data-filters]")) return;
  const parameters = event.detail.formData ?? event.detail.parameters;
  for (const [name, value] of [...parameters.entries()]) {
    if (value === "") parameters.delete(name);
  }
});
