// The relay that one writes in an afternoon: two WebSockets, and each message handed on as it comes.
//
//   node relay.mjs PORT UPSTREAM_URL CA_FILE

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';

const [port, upstreamUrl, caFile] = process.argv.slice(2);
const ca = readFileSync(caFile);
const server = createServer();
const webSockets = new WebSocketServer({ noServer: true });

server.on('upgrade', (request, socket, head) => {
  const subprotocol = request.headers['sec-websocket-protocol'];
  const { authorization } = request.headers;
  const upstream = new WebSocket(upstreamUrl + request.url, subprotocol, {
    ca,
    headers: { authorization },
    perMessageDeflate: false,
  });
  upstream.on('error', () => socket.destroy());
  upstream.on('open', () => {
    webSockets.handleUpgrade(request, socket, head, (client) => {
      handOn(upstream, client);
      handOn(client, upstream);
    });
  });
});

function handOn(from, to) {
  from.on('message', (data, isBinary) => to.send(data, { binary: isBinary }));
  // 1005 and 1006 say that none came; neither may be sent.
  from.on('close', (code) => (code === 1005 || code === 1006 ? to.terminate() : to.close(code)));
  from.on('error', () => to.terminate());
}

server.listen({ host: '127.0.0.1', port: Number(port) });
