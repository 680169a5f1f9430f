// One exec session: a WebSocket as the pages that people already have open it.
import { describeEnding } from './ending.js';
import { CHANNEL, SUBPROTOCOL, execPath, inputMessages, readMessage, resizeMessage } from './wire.js';

/** A command that says nothing is taken as running this long after the WebSocket opened. */
const SILENT_START_MS = 1000;

/**
 * Opens a session. `on` has `started()`, `output(bytes)`, `ended(ending)`; `size()` is asked for the
 * terminal's size when the WebSocket opens.
 *
 * A refusal reaches a page as an open WebSocket that is told why on channel 3 and closed, so a session has `started`
 * only with the first message on stdout or stderr: the server's empty one, as a rule.
 */
export function openSession(target, size, on) {
  const url = new URL(execPath(target), location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url, SUBPROTOCOL);
  const life = { opened: false, started: false, byUser: false, statusText: '', timer: 0 };
  const text = new TextDecoder();

  const start = () => {
    clearTimeout(life.timer);
    if (life.started) return;
    life.started = true;
    on.started();
  };
  const send = (message) => socket.readyState === WebSocket.OPEN && socket.send(message);

  socket.onopen = () => {
    life.opened = true;
    life.timer = setTimeout(start, SILENT_START_MS);
    send(resizeMessage(size()));
  };
  socket.onmessage = ({ data }) => {
    const { channel, bytes } = readMessage(data);
    if (channel === CHANNEL.status) {
      clearTimeout(life.timer);
      life.statusText += text.decode(bytes);
    } else {
      start();
      if (bytes.length > 0) on.output(bytes);
    }
  };
  socket.onclose = ({ code, reason }) => {
    clearTimeout(life.timer);
    on.ended(describeEnding({ ...life, code, reason }));
  };

  return {
    send: (bytes) => {
      for (const message of inputMessages(bytes)) send(message);
    },
    resize: () => send(resizeMessage(size())),
    close: () => {
      life.byUser = true;
      socket.close(1000);
    },
  };
}
