// examples/plain-page, with xterm.js beside it as a console would have it.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXAMPLE = fileURLToPath(new URL('../../../examples/plain-page', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../node_modules/@xterm', import.meta.url));

const FILES = {
  'index.html': [EXAMPLE, 'text/html'],
  'page.js': [EXAMPLE, 'text/javascript'],
  'xterm.js': [join(PACKAGES, 'xterm/lib'), 'text/javascript'],
  'xterm.css': [join(PACKAGES, 'xterm/css'), 'text/css'],
  'addon-fit.js': [join(PACKAGES, 'addon-fit/lib'), 'text/javascript'],
};

/** The file of this name and its type, or null. */
export async function fileOf(name) {
  if (!Object.hasOwn(FILES, name)) return null;
  const [folder, contentType] = FILES[name];
  return { contentType, body: await readFile(join(folder, name)) };
}

/**
 * Serves the example as a console's own server would. `execgate` is an origin: what is under `/clusters/` is passed on to
 * it, as an nginx `location` does. `rewrite` changes page.js, as its owner would.
 */
export async function serveConsole({ execgate, rewrite = (script) => script }) {
  const server = createServer(async (request, response) => {
    const file = await fileOf(basename(request.url));
    if (!file) return response.writeHead(404).end();
    const body = basename(request.url) === 'page.js' ? rewrite(file.body.toString()) : file.body;
    return response.writeHead(200, { 'content-type': file.contentType }).end(body);
  });
  if (execgate) server.on('upgrade', (request, socket) => passOn(request, socket, new URL(execgate)));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}/index.html`,
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

/** The head as it came, `Host` included, then bytes both ways. */
function passOn({ method, url, rawHeaders }, socket, { hostname, port }) {
  const upstream = connect(port, hostname);
  const lines = rawHeaders.map((text, index) => (index % 2 === 0 ? `\r\n${text}: ` : text)).join('');
  upstream.write(`${method} ${url} HTTP/1.1${lines}\r\n\r\n`);
  socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
  upstream.on('error', () => socket.destroy()).on('close', () => socket.destroySoon());
  socket.pipe(upstream).pipe(socket);
}
