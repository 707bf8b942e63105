// The recovery code: an age X25519 identity on paper, another way to the file key of every bid sealed with its key file.
import { Decrypter, generateX25519Identity, identityToRecipient } from "age-encryption";

const START = "AGE-SECRET-KEY-1";
const GROUP = 6;

/** A new code, and the recipient that bids are sealed to. */
export async function makeRecovery() {
  const code = await generateX25519Identity();
  return { code, recipient: await identityToRecipient(code) };
}

/** The code's groups as they are printed, without its beginning, which is always the same. */
export const groupsOf = (code) => code.slice(START.length).match(new RegExp(`.{1,${GROUP}}`, "g"));

/** A code as somebody types it: spaces, dashes between groups and small letters do not matter, nor does its beginning. */
export function typed(text) {
  const plain = text.normalize("NFKC").toUpperCase().replace(/[^0-9A-Z]/g, "");
  const start = START.replaceAll("-", "");
  return START + (plain.startsWith(start) ? plain.slice(start.length) : plain);
}

/** The file key of a bid from its header (bytes), with a recovery code as it was typed. */
export async function openRecoveryStanza(header, code) {
  const decrypter = new Decrypter();
  try {
    decrypter.addIdentity(typed(code));
  } catch {
    throw new Error("恢复码有误，请对照打印件逐组核对。");
  }
  try {
    return await decrypter.decryptHeader(header);
  } catch {
    throw new Error("该恢复码不能解密此投标文件。");
  }
}
