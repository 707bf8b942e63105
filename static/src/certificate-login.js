// Signing in with a certificate: the platform's question is signed here, and the answer opens the session.
import { answering } from "./lib/answer.js";
import { post } from "./lib/base.js";

const form = document.getElementById("certificate-login");

answering(form, document.getElementById("certificate-said"), "login", async (answer) => {
  const { url } = await post(form.action, { ...answer, next: form.elements.next.value });
  location.assign(url);
});
