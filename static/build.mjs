// Builds what browsers get: our scripts bundled, the icons that are used in one sprite, and the list of all released files.
// The same sources give the same bytes, wherever they stand. `node static/build.mjs [FOLDER]`, else into static/build.
import { createHash } from "node:crypto";
import { build } from "esbuild";
import { zipSync } from "fflate";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const out = process.argv[2] ?? "static/build";
const made = new Map();
const bytesOf = (content) => (typeof content === "string" ? Buffer.from(content) : content);
const put = (name, content) => made.set(name, bytesOf(content));
const digest = (bytes) => createHash("sha256").update(bytes).digest("base64url");

// Without its source map, which is not shipped. Its pictures become files: pages take none from data: addresses.
const bootstrap = readFileSync("node_modules/bootstrap/dist/css/bootstrap.min.css", "utf8")
  .replace(/\/\*# sourceMappingURL=.*?\*\//, "")
  .replace(/url\("data:image\/svg\+xml,([^"]*)"\)/g, (_, svg) => {
    const picture = decodeURIComponent(svg);
    const name = `marks/${digest(bytesOf(picture)).slice(0, 12)}.svg`;
    put(name, picture);
    return `url("${name}")`;
  });
put("bootstrap.min.css", bootstrap);

const entries = readdirSync("static/src").filter((name) => name.endsWith(".js")).sort();
const bundled = await build({
  entryPoints: entries.map((name) => `static/src/${name}`),
  outdir: "static/build",
  write: false,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
});
entries.forEach((name, place) => put(name, bundled.outputFiles[place].contents));

// pdf.js reads files in a worker of ours. Scripts may not compile WebAssembly here, so its decoders in plain JavaScript go with it
// instead of being fetched by address; character maps and fonts, which few files need, come in one archive.
const reader = "node_modules/pdfjs-dist";
const decoders = ["jbig2", "openjpeg"].map((name) => `${name}_nowasm_fallback.js`);
const chosen = `({ ${decoders.map((name) => `"${name}": () => import("../../wasm/${name}")`).join(", ")} })[this._noWasmFilename]()`;
const fetched = /import\(\s*\/\*webpackIgnore: true\*\/\s*\/\*@vite-ignore\*\/\s*`\$\{WasmImage\.#wasmUrl\}\$\{this\._noWasmFilename\}`\)/;
const parser = readFileSync(`${reader}/legacy/build/pdf.worker.mjs`, "utf8");
if (!fetched.test(parser)) throw new Error("pdf.js fetches its decoders in another way than this build knows");
const worker = await build({
  stdin: { contents: parser.replace(fetched, chosen), resolveDir: `${reader}/legacy/build`, sourcefile: "pdf.worker.mjs" },
  write: false, bundle: true, minify: true, format: "esm", target: "es2022", legalComments: "none", platform: "browser", external: ["fs", "module", "url", "crypto", "path"], logLevel: "error",
});
put("pdf-worker.js", worker.outputFiles[0].contents);
const data = ["cmaps", "standard_fonts"].flatMap((folder) => readdirSync(`${reader}/${folder}`).sort().map((name) => `${folder}/${name}`));
put("pdf-data.zip", Buffer.from(zipSync(Object.fromEntries(data.map((name) => [name, new Uint8Array(readFileSync(`${reader}/${name}`))])), { mtime: "1980-01-01T00:00:00" })));

// Pages that are one file, which also work from a disk: script and styles stand in them, and nothing else may run.
const bundle = async (entryPoint) => (await build({ entryPoints: [entryPoint], bundle: true, minify: true, format: "iife", target: "es2022", legalComments: "none", charset: "utf8", write: false })).outputFiles[0].text.trim();
const hashed = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
async function single(name, { page, script: entry, styles, connect }) {
  const [script, ...sheets] = await Promise.all([entry, ...styles].map(bundle));
  if (/<\/script/i.test(script)) throw new Error(`the script of ${name} would end its element`);
  const style = sheets.join("\n");
  const policy = `default-src 'none'; script-src ${hashed(script)}; style-src ${hashed(style)}; connect-src ${connect}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
  const parts = { script, style, policy };
  put(name, readFileSync(page, "utf8").replace(/{{(\w+)}}/g, (_, part) => parts[part]));
}
await single("verify.html", { page: "verify/page.html", script: "verify/page.mjs", styles: ["verify/page.css"], connect: "'self'" });
const offline = "static/src/offline/page";
await single("seal-offline.html", { page: `${offline}.html`, script: `${offline}.js`, styles: ["verify/page.css", `${offline}.css`], connect: "'none'" });

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      if (!["node_modules", ".venv", "var", "build", ".git"].includes(name)) yield* files(path);
    } else if (/\.(html|py|js)$/.test(name)) yield path;
  }
}

// Every icon is named in a template tag, a menu, a status or a script; names that Tabler has go into the sprite.
const have = new Set(readdirSync("node_modules/@tabler/icons/icons/outline").map((name) => name.replace(/\.svg$/, "")));
const used = new Set();
for (const folder of ["templates", "platform", "trading", "supervision", "disclosure", "credit", "experts", "agencies", "static/src", "static/js"]) {
  for (const path of files(folder)) {
    for (const [, name] of readFileSync(path, "utf8").matchAll(/["']([a-z0-9]+(?:-[a-z0-9]+)*)["']/g)) {
      if (have.has(name)) used.add(name);
    }
  }
}
const symbols = [...used].sort().map((name) => {
  const svg = readFileSync(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
  const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "").replace(/\s+/g, " ").trim();
  return `<symbol id="i-${name}" viewBox="0 0 24 24">${inner}</symbol>`;
});
put("icons.svg", `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);

// Every file that browsers can get from us, with its digest (docs/client.md).
function* plain(folder) {
  for (const name of readdirSync(`static/${folder}`)) yield `${folder}/${name}`;
}
const released = [
  ...[...made].map(([name, content]) => [`build/${name}`, content]),
  ...["css", "img", "js"].flatMap((folder) => [...plain(folder)]).map((path) => [path, readFileSync(`static/${path}`)]),
];
const list = released.map(([path, content]) => ({ path, sha256: digest(content) })).sort((one, other) => (one.path < other.path ? -1 : 1));
const version = readFileSync("pyproject.toml", "utf8").match(/^version = "(.*)"$/m)[1];
put("release.json", `${JSON.stringify({ v: 1, version, files: list }, null, 1)}\n`);

// What a running server reads is replaced file by file; only what is no longer made goes.
for (const [name, content] of made) {
  mkdirSync(dirname(join(out, name)), { recursive: true });
  writeFileSync(join(out, name), content);
}
for (const name of readdirSync(out, { recursive: true })) {
  if (statSync(join(out, name)).isFile() && !made.has(name)) rmSync(join(out, name));
}
console.log(`${entries.length} scripts, ${symbols.length} icons, ${list.length} released files`);
