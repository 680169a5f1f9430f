// The server of a page, as a team runs one: it serves the page, sets a cookie of its own, and has a WebSocket of its own that says
// everything back.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { copyPage } from './pages.js';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const HANDSHAKE = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Serves a page of examples/pages. `heads` are the headers of all that was asked. */
export async function serveConsole(name) {
  const folder = await mkdtemp(join(tmpdir(), 'execgate-console-'));
  await copyPage(name, folder);
  const heads = [];
  const server = createServer(async ({ url, headers }, response) => {
    heads.push(headers);
    const { pathname } = new URL(url, 'http://console');
    const file = normalize(pathname === '/' ? '/index.html' : pathname);
    const body = await readFile(join(folder, file)).catch(() => null);
    if (!body) return response.writeHead(404).end();
    const type = TYPES[extname(file)];
    return response.writeHead(200, { 'content-type': type, 'set-cookie': 'console_language=de; Path=/' }).end(body);
  });
  const sockets = new Set();
  server.on('upgrade', ({ headers }, socket) => {
    heads.push(headers);
    sockets.add(socket);
    const accept = createHash('sha1').update(headers['sec-websocket-key'] + HANDSHAKE).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.on('error', () => socket.destroy()).on('data', (frame) => socket.write(echoed(frame)));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    heads,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve).closeAllConnections());
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A short frame, unmasked: a close is answered by a close so too. */
function echoed(frame) {
  const length = frame[1] & 0x7f;
  const mask = frame.subarray(2, 6);
  const payload = frame.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]);
  return Buffer.concat([Buffer.from([frame[0], length]), payload]);
}
