// A web shell whose messages say which operation they are, both ways.
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

const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/ws/${namespace}/${pod}/${container}/webshell`);

function send(operation, fields) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ operation, ...fields }));
}

terminal.onData((data) => send('stdin', { data }));
terminal.onResize(({ rows, cols }) => send('resize', { rows, cols }));
addEventListener('resize', () => fit.fit());

socket.onopen = () => {
  send('resize', { rows: terminal.rows, cols: terminal.cols });
  terminal.focus();
};
socket.onmessage = (event) => {
  const message = JSON.parse(event.data);
  if (message.operation === 'stdout') terminal.write(message.data);
};
socket.onclose = ({ code, reason }) => terminal.write(`\r\n[closed: ${code} ${reason}]\r\n`);
