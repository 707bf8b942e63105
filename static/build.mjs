// Builds what browsers get: third-party files copied, our scripts bundled, the icons that are used in one sprite.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const out = "static/build";
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

// Without its source map, which is not shipped.
const bootstrap = readFileSync("node_modules/bootstrap/dist/css/bootstrap.min.css", "utf8");
writeFileSync(`${out}/bootstrap.min.css`, bootstrap.replace(/\/\*# sourceMappingURL=.*?\*\//, ""));
copyFileSync("node_modules/htmx.org/dist/htmx.min.js", `${out}/htmx.min.js`);

const entries = readdirSync("static/src").filter((name) => name.endsWith(".js"));
await build({
  entryPoints: entries.map((name) => `static/src/${name}`),
  outdir: out,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
});

// The verifier is one file, which also works from a disk: its script and style stand in it, and nothing else may run.
const verifier = async (entryPoint) => (await build({ entryPoints: [entryPoint], bundle: true, minify: true, format: "iife", target: "es2022", legalComments: "none", charset: "utf8", write: false })).outputFiles[0].text.trim();
const parts = { script: await verifier("verify/page.mjs"), style: await verifier("verify/page.css") };
if (/<\/script/i.test(parts.script)) throw new Error("the verifier's script would end its element");
const hashed = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
parts.policy = `default-src 'none'; script-src ${hashed(parts.script)}; style-src ${hashed(parts.style)}; connect-src 'self'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'`;
writeFileSync(`${out}/verify.html`, readFileSync("verify/page.html", "utf8").replace(/{{(\w+)}}/g, (_, name) => parts[name]));

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
writeFileSync(`${out}/icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`);
console.log(`${entries.length} scripts, ${symbols.length} icons`);
