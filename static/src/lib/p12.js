// PKCS#12 files (RFC 7292): ours are written the strong way only, others' are read as long as they are no weaker than PBES2.
import { BmpString, Null, OctetString, fromBER } from "asn1js";
import {
  AlgorithmIdentifier, Attribute, AuthenticatedSafe, CertBag, ContentInfo, DigestInfo, EncryptedContentInfo, EncryptedData, MacData, PBES2Params, PFX,
  PKCS8ShroudedKeyBag, SafeBag, SafeContents, getCrypto,
} from "pkijs";

import { utf8 } from "./base.js";

const ROUNDS = 600000;
const SALT = 16;
const [DATA, ENCRYPTED] = ["1.2.840.113549.1.7.1", "1.2.840.113549.1.7.6"];
const [KEY, SHROUDED, CERTIFICATE, NESTED] = [1, 2, 3, 6].map((kind) => `1.2.840.113549.1.12.10.1.${kind}`);
const X509 = "1.2.840.113549.1.9.22.1";
const [FRIENDLY_NAME, LOCAL_KEY_ID] = ["1.2.840.113549.1.9.20", "1.2.840.113549.1.9.21"];
const SHA256 = "2.16.840.1.101.3.4.2.1";
const [PBES2, PBKDF2] = ["1.2.840.113549.1.5.13", "1.2.840.113549.1.5.12"];
const AES_CBC = [2, 22, 42].map((kind) => `2.16.840.1.101.3.4.1.${kind}`);
// PKCS#12's own and PKCS#5's first schemes, and PBES2 with DES, RC2, RC4 or triple DES.
const LEGACY = /^1\.2\.840\.113549\.1\.(12\.1|5\.(1|3|4|6|10|11)$)|^1\.2\.840\.113549\.3\.|^1\.3\.14\.3\.2\.7$/;

const MESSAGES = {
  p12_legacy: "密钥文件格式过旧（RC2 或 3DES 加密），平台不接受。请按“转换你的密钥文件”说明转换后再用。",
  p12_password: "口令错误，请重新输入。",
  p12_damaged: "这不是密钥文件（.p12 / .pfx），或文件已损坏。",
  p12_unsupported: "密钥文件使用了平台不支持的算法，请按“转换你的密钥文件”说明转换后再用。",
};

/** An error about a key file, with its code and what to tell the user. */
export function problem(code, cause) {
  return Object.assign(new Error(MESSAGES[code], { cause }), { code });
}

const secretOf = (password) => utf8(password.normalize("NFC")).slice().buffer;
const random = (size) => crypto.getRandomValues(new Uint8Array(size)).buffer;
const bytesOf = (octets) => new Uint8Array(octets.getValue());

function attributesOf({ id, name }) {
  const found = [];
  if (id) found.push(new Attribute({ type: LOCAL_KEY_ID, values: [new OctetString({ valueHex: new Uint8Array([id]).buffer })] }));
  if (name) found.push(new Attribute({ type: FRIENDLY_NAME, values: [new BmpString({ value: name })] }));
  return found.length ? found : undefined;
}

async function keyBag(key, password) {
  const { contentEncryptionAlgorithm, encryptedContent } = await getCrypto(true).encryptEncryptedContentInfo({
    password, contentEncryptionAlgorithm: { name: "AES-CBC", length: 256 }, hmacHashAlgorithm: "SHA-256", iterationCount: ROUNDS,
    contentToEncrypt: key.pkcs8.slice().buffer, contentType: DATA,
  });
  const encryptedData = new OctetString({ valueHex: encryptedContent.getValue() });
  const bagValue = new PKCS8ShroudedKeyBag({ encryptionAlgorithm: contentEncryptionAlgorithm, encryptedData });
  return new SafeBag({ bagId: SHROUDED, bagValue, bagAttributes: attributesOf(key) });
}

function certificateBag(certificate) {
  const bagValue = new CertBag({ certId: X509, certValue: new OctetString({ valueHex: certificate.der.slice().buffer }) });
  return new SafeBag({ bagId: CERTIFICATE, bagValue, bagAttributes: attributesOf(certificate) });
}

/**
 * A file of private keys {pkcs8, id, name} and certificates {der, id} under a password.
 * The MAC's key is stretched as long as the others: who guesses passwords finds no shorter way.
 */
export async function writeP12(keys, certificates, password) {
  const secret = secretOf(password);
  const safeBags = [...(await Promise.all(keys.map((key) => keyBag(key, secret)))), ...certificates.map(certificateBag)];
  const contents = new SafeContents({ safeBags }).toSchema().toBER(false);
  const safes = new AuthenticatedSafe({ safeContents: [new ContentInfo({ contentType: DATA, content: new OctetString({ valueHex: contents }) })] });
  const content = safes.toSchema().toBER(false);
  const salt = random(SALT);
  const digest = await getCrypto(true).stampDataWithPassword({
    password: secret, hashAlgorithm: "SHA-256", salt, iterationCount: ROUNDS, contentToStamp: content,
  });
  const mac = new DigestInfo({
    digestAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA256, algorithmParams: new Null() }), digest: new OctetString({ valueHex: digest }),
  });
  const file = new PFX({
    authSafe: new ContentInfo({ contentType: DATA, content: new OctetString({ valueHex: content }) }),
    macData: new MacData({ mac, macSalt: new OctetString({ valueHex: salt }), iterations: ROUNDS }),
  });
  return new Uint8Array(file.toSchema().toBER(false));
}

function checkAlgorithm({ algorithmId, algorithmParams }) {
  if (LEGACY.test(algorithmId)) throw problem("p12_legacy");
  if (algorithmId !== PBES2) throw problem("p12_unsupported");
  const { keyDerivationFunc, encryptionScheme } = new PBES2Params({ schema: algorithmParams });
  if (LEGACY.test(encryptionScheme.algorithmId)) throw problem("p12_legacy");
  if (keyDerivationFunc.algorithmId !== PBKDF2 || !AES_CBC.includes(encryptionScheme.algorithmId)) throw problem("p12_unsupported");
}

async function decrypted(contentEncryptionAlgorithm, encryptedContent, password) {
  checkAlgorithm(contentEncryptionAlgorithm);
  const encryptedContentInfo = new EncryptedContentInfo({ contentType: DATA, contentEncryptionAlgorithm, encryptedContent });
  return getCrypto(true).decryptEncryptedContentInfo({ password, encryptedContentInfo }).catch((cause) => {
    throw problem("p12_password", cause);
  });
}

const bagsIn = (bytes) => flat(SafeContents.fromBER(bytes));
const flat = ({ safeBags }) => safeBags.flatMap((bag) => (bag.bagId === NESTED ? flat(bag.bagValue) : [bag]));

/** One safe: its bags, or what they are encrypted with. Encryption of the old kind is refused before any password is tried. */
function safeIn({ contentType, content }) {
  if (contentType === ENCRYPTED) {
    const { contentEncryptionAlgorithm, encryptedContent } = new EncryptedData({ schema: content }).encryptedContentInfo;
    checkAlgorithm(contentEncryptionAlgorithm);
    return { contentEncryptionAlgorithm, encryptedContent };
  }
  if (contentType !== DATA) throw problem("p12_unsupported");
  const bags = bagsIn(content.getValue());
  bags.filter(({ bagId }) => bagId === SHROUDED).forEach(({ bagValue }) => checkAlgorithm(bagValue.encryptionAlgorithm));
  return { bags };
}

async function checkMac({ macData }, content, password) {
  if (!macData) throw problem("p12_unsupported");
  const { name } = getCrypto(true).getAlgorithmByOID(macData.mac.digestAlgorithm.algorithmId);
  if (!/^SHA-(1|256|384|512)$/.test(name)) throw problem("p12_unsupported");
  const right = await getCrypto(true).verifyDataStampedWithPassword({
    password, hashAlgorithm: name, salt: macData.macSalt.getValue(), iterationCount: macData.iterations ?? 1, contentToVerify: content,
    signatureToVerify: macData.mac.digest.getValue(),
  });
  if (!right) throw problem("p12_password");
}

function described(bag) {
  const value = (type) => bag.bagAttributes?.find((each) => each.type === type)?.values[0];
  return { name: value(FRIENDLY_NAME)?.valueBlock.value ?? "", id: value(LOCAL_KEY_ID)?.valueBlock.toString() ?? "" };
}

async function keyIn(bag, password) {
  const pkcs8 =
    bag.bagId === KEY ? bag.bagValue.toSchema().toBER(false) : await decrypted(bag.bagValue.encryptionAlgorithm, bag.bagValue.encryptedData, password);
  // Not by pkijs's class for it, which takes no curve but its own: SM2's is not among them.
  const [, { valueBlock }] = fromBER(pkcs8).result.valueBlock.value;
  const algorithm = valueBlock.value[0].valueBlock.toString();
  return { ...described(bag), algorithm, pkcs8: new Uint8Array(pkcs8) };
}

function certificateIn(bag) {
  const { certValue, parsedValue } = bag.bagValue;
  return { ...described(bag), der: bytesOf(certValue), spki: new Uint8Array(parsedValue.subjectPublicKeyInfo.toSchema().toBER(false)) };
}

async function contentsOf(bytes, password) {
  const secret = secretOf(password);
  const file = PFX.fromBER(bytes);
  if (file.authSafe.contentType !== DATA) throw problem("p12_unsupported");
  const content = file.authSafe.content.getValue();
  const safes = AuthenticatedSafe.fromBER(content).safeContents.map(safeIn);
  await checkMac(file, content, secret);
  const bags = [];
  for (const { bags: open, contentEncryptionAlgorithm, encryptedContent } of safes) {
    bags.push(...(open ?? bagsIn(await decrypted(contentEncryptionAlgorithm, encryptedContent, secret))));
  }
  const keys = [];
  for (const bag of bags.filter(({ bagId }) => bagId === KEY || bagId === SHROUDED)) keys.push(await keyIn(bag, secret));
  const certificates = bags.filter(({ bagId, bagValue }) => bagId === CERTIFICATE && bagValue.certId === X509).map(certificateIn);
  return { keys, certificates };
}

/** The private keys {pkcs8, algorithm, name} and certificates {der, spki} of a file; errors bear a code of `MESSAGES`. */
export async function readP12(bytes, password) {
  try {
    return await contentsOf(bytes, password);
  } catch (cause) {
    throw cause.code in MESSAGES ? cause : problem("p12_damaged", cause);
  }
}
