// Bundles the terminal page into the folder named on the command line: index.html, app.js, app.css, favicon.svg,
// licenses.txt, and each of them gzipped. execgate's build.rs runs it; `npm run build` does too.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));

async function bundle(outdir) {
  const result = await build({
    absWorkingDir: here,
    entryPoints: { app: 'src/main.js' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    charset: 'utf8',
    legalComments: 'eof',
    outdir,
    metafile: true,
    logLevel: 'warning',
  });
  return Object.keys(result.metafile.inputs);
}

/** The packages that the bundle took files from: `node_modules/@xterm/xterm/lib/x.mjs` is from `@xterm/xterm`. */
function packagesAmong(inputs) {
  const names = inputs.map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  return [...new Set(names.filter(Boolean))].sort();
}

async function licenseOf(name) {
  const folder = join(here, 'node_modules', name);
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  if (!file) throw new Error(`${name} ${version} has no licence file; its licence must be known before it is shipped`);
  const text = await readFile(join(folder, file), 'utf8');
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}

async function licenses(names) {
  const texts = await Promise.all(names.map(licenseOf));
  const rule = `\n${'-'.repeat(72)}\n\n`;
  return ['This page contains the following packages.\n', ...texts].join(rule);
}

async function writeWithGzip(outdir, name, content) {
  const bytes = Buffer.from(content);
  await writeFile(join(outdir, name), bytes);
  await writeFile(join(outdir, `${name}.gz`), gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }));
}

const outdir = process.argv[2];
if (!outdir) throw new Error('usage: node build.mjs OUTPUT_FOLDER');
await mkdir(outdir, { recursive: true });
const packages = packagesAmong(await bundle(outdir));
await writeWithGzip(outdir, 'licenses.txt', await licenses(packages));
for (const name of ['index.html', 'favicon.svg']) {
  await writeWithGzip(outdir, name, await readFile(join(here, 'src', name)));
}
for (const name of ['app.js', 'app.css']) {
  await writeWithGzip(outdir, name, await readFile(join(outdir, name)));
}
