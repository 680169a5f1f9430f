// The messages of `base64.channel.k8s.io`: a digit for the channel, then base64.

export const SUBPROTOCOL = 'base64.channel.k8s.io';

export const CHANNEL = { stdin: '0', stdout: '1', stderr: '2', status: '3', resize: '4' };

/** A large paste is cut into pieces of this many bytes: a multiple of three, so that no piece but the last is padded. */
export const PIECE_BYTES = 3 * 1024;

/** The messages that carry these bytes of input. */
export function* inputMessages(bytes) {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    yield CHANNEL.stdin + toBase64(bytes.subarray(at, at + PIECE_BYTES));
  }
}

/** The message that tells a new size. */
export function resizeMessage({ columns, rows }) {
  return CHANNEL.resize + btoa(JSON.stringify({ Width: columns, Height: rows }));
}

/** A message of the server: its channel and its bytes. */
export function readMessage(text) {
  return { channel: text[0], bytes: fromBase64(text.slice(1)) };
}

/** The path and query of an exec with a terminal. The container may be empty: then it is the pod's only one. */
export function execPath({ cluster, namespace, pod, container, command }) {
  const path = `/clusters/${part(cluster)}/api/v1/namespaces/${part(namespace)}/pods/${part(pod)}/exec`;
  const query = new URLSearchParams(command.map((word) => ['command', word]));
  if (container) query.set('container', container);
  for (const wanted of ['stdin', 'stdout', 'stderr', 'tty']) query.set(wanted, '1');
  return `${path}?${query}`;
}

const part = encodeURIComponent;

/** `Uint8Array.prototype.toBase64` is newer than some browsers that are still in use. */
function toBase64(bytes) {
  return bytes.toBase64?.() ?? btoa(String.fromCharCode(...bytes));
}

function fromBase64(text) {
  return Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
