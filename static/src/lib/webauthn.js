// Passkeys: the browser's calls, with bytes as base64url on our side.
import { b64u, unb64u } from "./base.js";

export const passkeysWork = () => Boolean(window.PublicKeyCredential && navigator.credentials);

const described = (rows) => (rows ?? []).map((row) => ({ ...row, id: unb64u(row.id) }));
const bytes = (buffer) => b64u(new Uint8Array(buffer));

/** What the browser refused or the person broke off, in our words. */
async function asked(call) {
  if (!passkeysWork()) throw new Error("这个浏览器不支持通行密钥，请更换浏览器。");
  try {
    return await call();
  } catch (problem) {
    if (problem.name === "InvalidStateError") throw new Error("这台设备已登记过通行密钥。");
    if (problem.name === "SecurityError") throw new Error("当前网址不能使用通行密钥，请从平台的正式网址进入。");
    throw new Error("没有完成验证，请重试。");
  }
}

/** Make a passkey by the server's options; what to post. */
export async function createPasskey(options) {
  const publicKey = {
    ...options, challenge: unb64u(options.challenge), user: { ...options.user, id: unb64u(options.user.id) },
    excludeCredentials: described(options.excludeCredentials),
  };
  const made = await asked(() => navigator.credentials.create({ publicKey }));
  const { clientDataJSON, attestationObject } = made.response;
  return { id: made.id, rawId: bytes(made.rawId), type: made.type, response: { clientDataJSON: bytes(clientDataJSON), attestationObject: bytes(attestationObject) } };
}

/** Have a passkey sign the options' challenge; what to post. */
export async function usePasskey(options) {
  const publicKey = { ...options, challenge: unb64u(options.challenge), allowCredentials: described(options.allowCredentials) };
  const { id, rawId, type, response } = await asked(() => navigator.credentials.get({ publicKey }));
  return {
    id, rawId: bytes(rawId), type,
    response: {
      clientDataJSON: bytes(response.clientDataJSON), authenticatorData: bytes(response.authenticatorData), signature: bytes(response.signature),
      userHandle: response.userHandle ? bytes(response.userHandle) : null,
    },
  };
}
