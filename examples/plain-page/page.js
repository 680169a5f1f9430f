// A terminal as many consoles have one, in plain JavaScript. Behind execgate nothing changes but this URL:
//   before: const server = 'wss://apiserver.example.com:6443';
const server = location.origin.replace('http', 'ws') + '/clusters/alpha';

const query = 'command=sh&container=app&stdin=1&stdout=1&stderr=1&tty=1';
const socket = new WebSocket(`${server}/api/v1/namespaces/default/pods/web-0/exec?${query}`, 'base64.channel.k8s.io');

const terminal = new Terminal({ cursorBlink: true });
const fit = new FitAddon.FitAddon();
terminal.loadAddon(fit);
terminal.open(document.getElementById('terminal'));

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const send = (channel, text) => socket.readyState === WebSocket.OPEN && socket.send(channel + base64(text));

terminal.onData((text) => {
  for (let at = 0; at < text.length; at += 4096) send('0', text.slice(at, at + 4096));
});
terminal.onResize(({ cols, rows }) => send('4', JSON.stringify({ Width: cols, Height: rows })));
addEventListener('resize', () => fit.fit());

socket.onopen = () => {
  fit.fit();
  send('4', JSON.stringify({ Width: terminal.cols, Height: terminal.rows }));
  terminal.focus();
};
socket.onmessage = ({ data }) => {
  terminal.write(Uint8Array.from(atob(data.slice(1)), (character) => character.charCodeAt(0)));
};
socket.onclose = ({ code, reason }) => terminal.write(`\r\n[closed: ${code} ${reason}]\r\n`);
