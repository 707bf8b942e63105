// The emergency way to a file key: Shamir shares, each sealed to one holder (docs/trust.md §3.4).
import { Stanza } from "age-encryption";
import { split } from "shamir-secret-sharing";

import { H, joined } from "./base.js";
import { base64, bytesOf, infoOf, openSealed, publicKeyOf, sealTo } from "./hpke.js";

const LABEL = "etp/seal/v1/share";

/** What stands beside a share: who later hands in another one is found out. */
export const commitment = (context, share) => H("share", joined(context, share));

/** Writes the holders' stanzas in the policy's order; age calls it with the file key. */
export class HolderRecipients {
  constructor(policy, context) {
    Object.assign(this, { policy, context });
  }

  async wrapFileKey(fileKey) {
    const { k, holders } = this.policy;
    const shares = await split(fileKey, holders.length, k);
    const stanzas = holders.map(async ({ spki, kid }, at) => {
      const { enc, body } = await sealTo(await publicKeyOf(spki), infoOf(LABEL, this.context), shares[at]);
      const commit = await commitment(this.context, shares[at]);
      return new Stanza(["etp/share", kid, `${k}of${holders.length}`, base64(commit), base64(enc)], body);
    });
    return Promise.all(stanzas);
  }
}

/** One's own share from a bid's header (bytes); null when what was sealed there cannot be opened. */
export async function openShare(header, context, keys) {
  const lines = new TextDecoder("latin1").decode(header).split("\n");
  const at = lines.findIndex((line) => line.startsWith(`-> etp/share ${keys.kid} `));
  if (at < 0) throw new Error("载入的密钥不是这份投标文件的持钥人密钥。");
  const enc = lines[at].split(" ").at(-1);
  return openSealed(keys.encryption, infoOf(LABEL, context), bytesOf(enc), bytesOf(lines[at + 1])).catch(() => null);
}
