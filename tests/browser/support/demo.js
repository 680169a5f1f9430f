// `execgate demo` as a child process on a free port.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
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
    stop: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function loginUrlOf(child) {
  return new Promise((resolve, reject) => {
    const said = [];
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`execgate demo ended with ${code}: ${said.join('\n')}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const url = line.match(/http:\/\/127\.0\.0\.1:\d+\/login\?code=\S+/)?.[0];
      if (url) resolve(url);
    });
  });
}
