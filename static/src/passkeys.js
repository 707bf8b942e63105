// Enrolling a passkey on the account's page, and signing in with one.
import { post, told } from "./lib/base.js";
import { createPasskey, usePasskey } from "./lib/webauthn.js";

async function run(button, said, work) {
  button.disabled = true;
  said.hidden = true;
  try {
    await work();
  } catch (problem) {
    said.textContent = told(problem);
    said.hidden = false;
    button.disabled = false;
  }
}

const form = document.getElementById("new-passkey");
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  run(form.querySelector("button"), form.querySelector("[role=alert]"), async () => {
    const credential = await createPasskey(await post(form.dataset.options, {}));
    await post(form.dataset.url, { credential, name: form.elements.name.value });
    location.reload();
  });
});

for (const place of document.querySelectorAll("[data-passkey-sign-in]")) {
  const button = place.querySelector("button");
  button.addEventListener("click", () =>
    run(button, place.querySelector("[role=alert]"), async () => {
      const credential = await usePasskey(await post(place.dataset.options, {}));
      location.assign((await post(place.dataset.url, { credential, next: place.dataset.next })).url);
    }),
  );
}
