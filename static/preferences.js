// Proposes the browser's time zone where the form has another one.
"use strict";

const proposal = document.querySelector("[data-zone-proposal]");
const zoneField = document.getElementById("id_time_zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

if (zone && zone !== zoneField.value) {
  proposal.querySelector("[data-zone]").textContent = zone;
  proposal.querySelector("[data-take-zone]").addEventListener("click", () => {
    zoneField.value = zone;
    proposal.hidden = true;
    zoneField.focus();
  });
  proposal.hidden = false;
}
