// The scripts that a site serves, against those that its log says were released.
import { Failed, Unchecked, b64u, having, isDigest, isList, isName, isRow, sha256 } from "./forms.mjs";
import { checkLog } from "./log.mjs";

// A path of the site itself, and no way out of it.
const isPath = (value) => isName(value) && value.startsWith("/") && !value.startsWith("//") && !value.split("/").includes("..");
const isFiles = isList(isRow({ path: isPath, sha256: isDigest }));
const RELEASE = { version: isName, files: (value) => isFiles(value) && value.length > 0 };

function opener(site) {
  if (typeof site !== "string") {
    const files = site instanceof Map ? site : new Map(Object.entries(site));
    return async (path) => {
      const file = files.get(path) ?? files.get(path.replace(/^\//, ""));
      return file === undefined ? null : new Uint8Array(file instanceof Blob ? await file.arrayBuffer() : file);
    };
  }
  return async (path) => {
    let response;
    try {
      response = await fetch(new URL(path, site), { cache: "no-store" });
    } catch {
      throw new Unchecked(`取不到 ${path}：网络不通`);
    }
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
  };
}

/** Command `client`: the files of `site` (an address, or {path: Blob or bytes}) against the newest release in the log. */
export async function checkClient({ site, log, keys, progress }) {
  if (!log) throw new Unchecked("没有账本");
  if (!site) throw new Unchecked("没有网站文件");
  let release = null;
  await checkLog(log, keys, {
    progress,
    visit(entry, index) {
      if (entry.k === "client.released") release = { ...having(entry.d, RELEASE, `第 ${index} 条记录`, index), index };
    },
  });
  if (!release) throw new Unchecked("账本里还没有登记过网页程序的发布");
  const read = opener(site);
  for (const { path, sha256: wanted } of release.files) {
    const found = await read(path);
    if (!found) throw new Failed(`网站没有提供已发布的文件 ${path}`, release.index);
    if (b64u(await sha256(found)) !== wanted) throw new Failed(`网站上的 ${path} 与账本登记的发布版本不同`, release.index);
  }
  return { said: [`网站上的 ${release.files.length} 个程序文件与账本第 ${release.index} 条登记的版本 ${release.version} 逐字节相同`] };
}
