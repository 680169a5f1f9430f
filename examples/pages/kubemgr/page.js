// A container's shell in a manager of clusters: everything stands in the address, the user's token too.
const asked = new URLSearchParams(location.search);
const props = {
  cluster: asked.get('cluster') ?? 'prod',
  namespace: asked.get('namespace') ?? 'default',
  pod: asked.get('pod') ?? 'web-0',
  container: asked.get('container') ?? 'app',
  shell: asked.get('shell') === 'bash' ? 'b' : 's',
};
document.getElementById('place').textContent = `${props.cluster} / ${props.namespace} / ${props.pod} / ${props.container}`;

// The manager's login leaves the token here.
const token = localStorage.getItem('clusterinfo') ?? '';

const terminal = new Terminal({ cursorBlink: true, fontSize: 14, theme: { background: '#11151c' } });
const fit = new FitAddon.FitAddon();
terminal.loadAddon(fit);
terminal.open(document.getElementById('terminal'));
fit.fit();

const path = `/kubemgr/api/v1/ws/${props.cluster}/${props.namespace}/${props.pod}/${props.container}/${props.shell}/ssh`;
const socket = new WebSocket(`${location.origin.replace('http', 'ws')}${path}?clusterinfo=${encodeURIComponent(token)}`);

const send = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
const sendSize = () => send({ type: 'resize', rows: terminal.rows, cols: terminal.cols });

terminal.onData((input) => send({ type: 'input', input }));
terminal.onResize(sendSize);
addEventListener('resize', () => fit.fit());

socket.onopen = () => {
  sendSize();
  terminal.focus();
};
socket.onmessage = (event) => terminal.write(event.data);
socket.onclose = ({ code, reason }) => terminal.write(`\r\n[closed: ${code} ${reason}]\r\n`);
