/** Bundles the front end into static/dist/: scripts, styles and the sprite of the icons that are used. */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { build, context } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");
const out = path.join(root, "static/dist");
const require = createRequire(import.meta.url);

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  legalComments: "linked",
  // The oldest browsers that know light-dark(); also what older Safari and Firefox ESR still in support know.
  target: ["chrome123", "firefox128", "safari17.5"],
  logLevel: "warning",
};

const bundles = [
  {
    entryPoints: { chat: "static/chat/main.js", desk: "static/desk/main.js" },
    format: "esm",
    sourcemap: "linked",
  },
  // Runs before the first paint, so it is a plain script that blocks.
  { entryPoints: { theme: "static/theme.js" }, format: "iife" },
  {
    entryPoints: {
      "chat-styles": "static/css/chat.css",
      "desk-styles": "static/css/desk.css",
      "site-styles": "static/css/site.css",
      "data-styles": "static/css/data.css",
      "inbox-styles": "static/css/inbox.css",
    },
  },
].map(bundle => ({ ...common, ...bundle, outdir: out }));

async function sprite() {
  const names = JSON.parse(await readFile(path.join(root, "static/icons.json"), "utf8"));
  const folder = path.dirname(require.resolve("lucide-static/icons/plus.svg"));
  const symbols = names.map(async name =>
    symbol(name, await readFile(path.join(folder, `${name}.svg`), "utf8")),
  );
  const licence = "<!-- Lucide, ISC License, https://lucide.dev/license -->";
  const text = `<svg xmlns="http://www.w3.org/2000/svg">${licence}${(await Promise.all(symbols)).join("")}</svg>\n`;
  await writeFile(path.join(out, "icons.svg"), text);
}

function symbol(name, svg) {
  const shapes = svg.replace(/<!--.*?-->/gs, "").match(/<svg[^>]*>(.*)<\/svg>/s)[1];
  const stroke =
    'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"';
  return `<symbol id="${name}" viewBox="0 0 24 24"><g ${stroke}>${shapes.replace(/\s+/g, " ").trim()}</g></symbol>`;
}

async function watch() {
  for (const bundle of bundles) await (await context(bundle)).watch();
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await sprite();
if (process.argv.includes("--watch")) await watch();
else await Promise.all(bundles.map(build));
