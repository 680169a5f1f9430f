// `execgate demo` as a child process on a free port, and a second gate before its clusters.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Starts it and waits for its login URL. `stop` ends it and removes what it wrote. */
export async function startDemo() {
  const folder = await mkdtemp(join(tmpdir(), 'execgate-browser-'));
  const child = spawn(process.env.EXECGATE_BIN, ['demo', '--listen', '127.0.0.1:0', '--write', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const loginUrl = await loginUrlOf(child);
  return {
    loginUrl,
    origin: new URL(loginUrl).origin,
    /** The token that --write left for a user. */
    token: async (user) => (await readFile(join(folder, `${user}.token`), 'utf8')).trim(),
    /** Where one of its API servers is, and what opens it. */
    cluster: async (name) => {
      const config = await readFile(join(folder, 'config.yaml'), 'utf8');
      const [, server] = config.match(new RegExp(`name: ${name}\\n *server: (\\S+)`));
      return { server, token: (await readFile(join(folder, `${name}.token`), 'utf8')).trim() };
    },
    /** `execgate serve` from the demo's own configuration, as `change` makes it. */
    serve: async (change) => {
      const config = join(folder, 'changed.yaml');
      await writeFile(config, change(await readFile(join(folder, 'config.yaml'), 'utf8')));
      return serve(config);
    },
    stop: async () => {
      await end(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serve(config) {
  const child = spawn(process.env.EXECGATE_BIN, ['serve', '--config', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const origin = await said(child, child.stderr, /(?<=listening on )http:\/\/127\.0\.0\.1:\d+/);
  return { origin, stop: () => end(child) };
}

function loginUrlOf(child) {
  return said(child, child.stdout, /http:\/\/127\.0\.0\.1:\d+\/login\?code=\S+/);
}

/** The first thing on `stream` that matches. */
function said(child, stream, pattern) {
  return new Promise((resolve, reject) => {
    const lines = [];
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}: ${lines.join('\n')}`)));
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      const found = line.match(pattern)?.[0];
      if (found) resolve(found);
    });
  });
}

async function end(child) {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
