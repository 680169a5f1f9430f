// The console of an app: what is typed goes as it is, what comes is written as it is. No message says a size, so the terminal keeps
// the one that programs take where they are told none.
const name = new URLSearchParams(location.search).get('name') ?? 'web-0';
document.getElementById('place').textContent = name;

const terminal = new Terminal({ cols: 80, rows: 24, cursorBlink: true, theme: { background: '#0b0e13' } });
terminal.open(document.getElementById('terminal'));

/** The largest letters with which it fits the window. */
function fitLetters() {
  const [width, height] = [(innerWidth - 60) / 80, (innerHeight - 90) / 24];
  terminal.options.fontSize = Math.max(6, Math.floor(Math.min(width / 0.61, height / 1.25)));
}
fitLetters();
addEventListener('resize', fitLetters);

const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/pod/${name}`);

terminal.onData((text) => {
  if (socket.readyState === WebSocket.OPEN) socket.send(text);
});
socket.onopen = () => terminal.focus();
socket.onmessage = (event) => terminal.write(event.data);
socket.onclose = ({ code, reason }) => terminal.write(`\r\n[closed: ${code} ${reason}]\r\n`);
