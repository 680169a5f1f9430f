// A pod's terminal as many consoles have had it since about 2020: Kubernetes' own framing, in base64.
const asked = new URLSearchParams(location.search);
const namespace = asked.get('namespace') ?? 'default';
const pod = asked.get('pod') ?? 'web-0';
const container = asked.get('container') ?? 'app';
document.getElementById('place').textContent = `${namespace} / ${pod} / ${container}`;

const terminal = new Terminal({ cursorBlink: true, fontSize: 14, theme: { background: '#11151c' } });
const fit = new FitAddon.FitAddon();
terminal.loadAddon(fit);
terminal.open(document.getElementById('terminal'));
fit.fit();
terminal.write(`Connecting to ${pod} ...`);

// Relative: this page stands where the cluster is.
const url = `api/v1/namespaces/${namespace}/pods/${pod}/exec?container=${container}&stdout=1&stdin=1&stderr=1&tty=1&command=/bin/sh`;
const socket = new WebSocket(url, 'base64.channel.k8s.io');

const characters = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
const encode = (text) => btoa(characters(new TextEncoder().encode(text)));
const bytesOf = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

function send(channel, text) {
  if (socket.readyState === WebSocket.OPEN) socket.send(channel + encode(text));
}

function sendSize() {
  send('4', JSON.stringify({ Width: terminal.cols, Height: terminal.rows }));
}

terminal.onData((text) => send('0', text));
terminal.onResize(sendSize);
addEventListener('resize', () => fit.fit());

socket.onopen = () => {
  sendSize();
  terminal.focus();
};

let first = true;
socket.onmessage = ({ data }) => {
  if (first) terminal.reset();
  first = false;
  // 1 is standard output, 2 standard error, 3 what the API server has to say.
  if ('123'.includes(data[0])) terminal.write(bytesOf(data.slice(1)));
};
socket.onclose = ({ code, reason }) => terminal.write(`\r\n[closed: ${code} ${reason}]\r\n`);
