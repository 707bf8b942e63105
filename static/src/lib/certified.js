// A person's certificate and its key, from a PKCS#12 file. The key signs; no script can read it.
import { OctetString, fromBER } from "asn1js";
import { sm2 } from "sm-crypto-v2";

import { readP12 } from "./p12.js";

const EC = "1.2.840.10045.2.1";
const RSA = "1.2.840.113549.1.1.1";
const SM2_CURVE = "1.2.156.10197.1.301";
const PROBE = new TextEncoder().encode("etp/probe");
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));

/** SM2 is not among the browser's own algorithms: the key is kept in a closure. */
function sm2Key(inner) {
  const secret = fromBER(inner.getValue()).result.valueBlock.value.find((part) => part instanceof OctetString);
  const privateKey = hex(new Uint8Array(secret.getValue())).padStart(64, "0");
  const publicKey = sm2.getPublicKeyFromPrivateKey(privateKey);
  return {
    key: { sign: (data) => unhex(sm2.doSignature(data, privateKey, { hash: true, publicKey, userId: "1234567812345678" })) },
    fits: ({ spki }) => hex(spki).endsWith(publicKey),
  };
}

async function webKey({ pkcs8, algorithm }) {
  const kind = { [EC]: { name: "ECDSA", namedCurve: "P-256" }, [RSA]: { name: "RSA-PSS", hash: "SHA-256" } }[algorithm];
  const how = algorithm === EC ? { name: "ECDSA", hash: "SHA-256" } : { name: "RSA-PSS", saltLength: 32 };
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, kind, false, ["sign"]);
  const made = await crypto.subtle.sign(how, key, PROBE);
  return {
    key,
    fits: async ({ spki }) => {
      try {
        return await crypto.subtle.verify(how, await crypto.subtle.importKey("spki", spki, kind, false, ["verify"]), made, PROBE);
      } catch {
        return false;
      }
    },
  };
}

function opened(kept) {
  const [, algorithm, inner] = fromBER(kept.pkcs8).result.valueBlock.value;
  const curve = kept.algorithm === EC ? algorithm.valueBlock.value[1].valueBlock.toString() : "";
  return curve === SM2_CURVE ? sm2Key(inner) : webKey(kept);
}

/** {key, certificate}: what `sign` takes, and the certificate (DER) of that key. Errors say in Chinese what is wrong. */
export async function openCertified(file, password) {
  const { keys, certificates } = await readP12(new Uint8Array(await file.arrayBuffer()), password);
  for (const kept of keys) {
    const { key, fits } = await Promise.resolve(kept).then(opened).catch(() => ({}));
    for (const certificate of key ? certificates : []) {
      if (await fits(certificate)) return { key, certificate: certificate.der };
    }
  }
  throw new Error("文件中没有数字证书，或没有与证书对应的签名私钥。");
}
