// The shell of a job on an HPC portal. The page knows the job's number, its back end in which pod it runs.
const asked = new URLSearchParams(location.search);
const cluster = asked.get('cluster') ?? 'prod';
const jobId = asked.get('jobId') ?? '17';
document.getElementById('place').textContent = `job ${jobId} on ${cluster}`;

const terminal = new Terminal({ cursorBlink: true, fontSize: 14, theme: { background: '#11151c' } });
const fit = new FitAddon.FitAddon();
terminal.loadAddon(fit);
terminal.open(document.getElementById('terminal'));
fit.fit();

// The user is known by the cookie SCOW_USER.
const query = new URLSearchParams({ cluster, jobId, cols: terminal.cols, rows: terminal.rows });
const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/api/jobShell?${query}`);

function send(message) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

/** What `Buffer.from` makes of text, or of a list of byte values. */
function bytesFrom(data) {
  return typeof data === 'string' ? new TextEncoder().encode(data) : Uint8Array.from(data);
}

terminal.onData((data) => send({ $case: 'data', data: { data } }));
terminal.onResize(({ cols, rows }) => send({ $case: 'resize', resize: { cols, rows } }));
addEventListener('resize', () => fit.fit());
addEventListener('pagehide', () => send({ $case: 'disconnect' }));

socket.onopen = () => {
  send({ $case: 'resize', resize: { cols: terminal.cols, rows: terminal.rows } });
  terminal.focus();
};
socket.onmessage = (event) => {
  const message = JSON.parse(event.data);
  switch (message.$case) {
    case 'data':
      terminal.write(bytesFrom(message.data.data));
      break;
    case 'exit':
      terminal.write(`\r\nThe shell has ended (exit code ${message.exit.code}, signal ${message.exit.signal ?? 'none'}).\r\n`);
      break;
  }
};
socket.onclose = ({ code, reason }) => terminal.write(`\r\n[closed: ${code} ${reason}]\r\n`);
