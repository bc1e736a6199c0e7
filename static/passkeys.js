// Passkeys: what the browser has to do between the form and the server (W3C WebAuthn level 2).
//
// A form with `data-passkey` ("create" or "get") comes hidden and is shown where the browser can do
// it. The options are in its `data-passkey-options`, as JSON, or else asked for at its action. The
// field `credential` then holds the answer, and the form is sent like any other.
"use strict";

function toBytes(text) {
  const base64 = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function toText(buffer) {
  const letters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function withBytes(descriptors) {
  return (descriptors ?? []).map((each) => ({ ...each, id: toBytes(each.id) }));
}

// --- Making one -----------------------------------------------------------------------------

// One that can be found without a name, and that its owner unlocks: it logs in by itself.
const PASSKEY = {
  residentKey: "required",
  requireResidentKey: true,
  userVerification: "required",
};

async function create(options) {
  const asked = options.creation_options.publicKey;
  const credential = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: toBytes(asked.challenge),
      user: { ...asked.user, id: toBytes(asked.user.id) },
      excludeCredentials: withBytes(asked.excludeCredentials),
      authenticatorSelection: { ...asked.authenticatorSelection, ...PASSKEY },
    },
  });
  return told(credential, {
    attestationObject: toText(credential.response.attestationObject),
    transports: credential.response.getTransports?.() ?? [],
  });
}

// --- Showing one ----------------------------------------------------------------------------

async function get(options) {
  const asked = options.request_options.publicKey;
  const credential = await navigator.credentials.get({
    publicKey: {
      ...asked,
      challenge: toBytes(asked.challenge),
      allowCredentials: withBytes(asked.allowCredentials),
    },
  });
  const { authenticatorData, signature, userHandle } = credential.response;
  return told(credential, {
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : null,
  });
}

function told(credential, response) {
  return {
    type: credential.type,
    id: credential.id,
    rawId: toText(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  };
}

// --- Forms ----------------------------------------------------------------------------------

async function optionsOf(form) {
  if (form.dataset.passkeyOptions) return JSON.parse(form.dataset.passkeyOptions);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`no options: ${answer.status}`);
  return answer.json();
}

// Closing the browser's own window is no fault, but a page that says nothing looks broken.
function wordsFor(form, error) {
  const problem = form.querySelector("[data-passkey-problem]");
  const known = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };
  problem.textContent = problem.dataset[known[error.name]] ?? problem.dataset.failed;
}

async function send(form) {
  const act = form.dataset.passkey === "create" ? create : get;
  try {
    const credential = await act(await optionsOf(form));
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    wordsFor(form, error);
  }
}

if (window.PublicKeyCredential && navigator.credentials) {
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  });
}
