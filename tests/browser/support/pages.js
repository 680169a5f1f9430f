// The pages of examples/pages: each is served by an execgate of its own, with the example's configuration before the demo's clusters.
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLES = fileURLToPath(new URL('../../../examples/pages', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../node_modules/@xterm', import.meta.url));

/** Where a page has its terminal, and how a user's token gets there. */
export const PAGES = {
  'k8s-channel': { address: '/?pod=web-0&container=app', logIn: byCookie('console_token') },
  scow: { address: '/?cluster=prod&jobId=17', logIn: byCookie('SCOW_USER') },
  kubemgr: { address: '/?cluster=prod&namespace=default&pod=web-0&container=app&shell=bash', logIn: byStorage('clusterinfo') },
  kubeutil: { address: '/?namespace=default&pod=web-0&container=app', logIn: byCookie('console_token') },
  alodi: { address: '/?name=web-0', logIn: byCookie('console_token') },
};

/** Starts the execgate of a page. `change` makes its configuration another one; `stop` ends it. */
export async function servePage(demo, name, change = (config) => config) {
  const { address, logIn } = PAGES[name];
  const folder = await mkdtemp(join(tmpdir(), 'execgate-page-'));
  await copyPage(name, folder);
  const example = await readFile(join(EXAMPLES, name, 'execgate.yaml'), 'utf8');
  const gate = await demo.serve((demos) => change(onDemo(example, demos, folder)));
  return {
    origin: gate.origin,
    /** Opens the page as a user does who is logged in. */
    open: async (view, { user = 'alice', at = address } = {}) => {
      await view.context.addInitScript(keepWritten);
      if (user) await logIn(view.context, gate.origin, await demo.token(user));
      await view.page.goto(gate.origin + at);
    },
    stop: async () => {
      await gate.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The page with xterm.js beside it, as examples/pages/README.md says. */
export async function copyPage(name, folder) {
  await mkdir(join(folder, 'assets'));
  const files = [
    [join(EXAMPLES, name, 'index.html'), 'index.html'],
    [join(EXAMPLES, name, 'page.js'), 'page.js'],
    [join(PACKAGES, 'xterm/lib/xterm.js'), 'assets/xterm.js'],
    [join(PACKAGES, 'xterm/css/xterm.css'), 'assets/xterm.css'],
    [join(PACKAGES, 'addon-fit/lib/addon-fit.js'), 'assets/addon-fit.js'],
  ];
  await Promise.all(files.map(([from, to]) => cp(from, join(folder, to))));
}

/** The example, but where it listens, where its files are, and that its cluster `prod` is the demo's alpha. */
function onDemo(example, demos, folder) {
  const [alpha] = demos.match(/^ {2}- name: alpha\n(?: {4}.*\n)*/m);
  const changes = {
    listen: 'listen: [{address: "127.0.0.1:0"}]\n',
    frontend: `frontend: {directory: {path: ${folder}}}\n`,
    clusters: `clusters:\n${alpha.replace('alpha', 'prod')}`,
  };
  return Object.entries(changes).reduce((config, [key, block]) => replaced(config, key, block), example);
}

/** The configuration with another block in the place of that key's. */
export function replaced(config, key, block) {
  const old = new RegExp(`^${key}:.*\\n(?: .*\\n)*`, 'm');
  if (!old.test(config)) throw new Error(`there is no ${key} in\n${config}`);
  return config.replace(old, () => block);
}

function byCookie(name) {
  return (context, url, value) => context.addCookies([{ name, value, url, httpOnly: true, sameSite: 'Strict' }]);
}

function byStorage(key) {
  return (context, _, token) => context.addInitScript((item) => localStorage.setItem(...item), [key, token]);
}

/** Keeps, as bytes, what the page writes to its terminal. */
function keepWritten() {
  const pieces = [];
  window.writtenBytes = async () => new Uint8Array(await new Blob(pieces).arrayBuffer());
  window.writtenText = async () => new TextDecoder().decode(await writtenBytes());
  Object.defineProperty(window, 'Terminal', {
    configurable: true,
    set(Terminal) {
      const { write } = Terminal.prototype;
      Terminal.prototype.write = function (data, done) {
        pieces.push(typeof data === 'string' ? data : data.slice());
        return write.call(this, data, done);
      };
      Object.defineProperty(window, 'Terminal', { value: Terminal });
    },
  });
}
