// Enrolling a certificate: its key signs the platform's question.
import { answering } from "./lib/answer.js";
import { post } from "./lib/base.js";

const form = document.getElementById("enrol-certificate");

answering(form, document.getElementById("certificate-said"), "enroll", async (answer) => {
  await post(form.action, answer);
  location.reload();
});
