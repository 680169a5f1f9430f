// The terminal page: a form, a terminal, a state line, and at most one session.
import '@xterm/xterm/css/xterm.css';
import './style.css';
import { formatLink, parseLink } from './link.js';
import { choose, chosen, offerTargets, onChoice } from './picker.js';
import { openSession } from './session.js';
import { showConnected, showConnecting, showEnding, showIdle } from './state.js';
import { fetchTargets } from './targets.js';
import { createTerminal } from './terminal.js';

const [form, fields, connect, reconnect, retry, user, size] = ['target', 'fields', 'connect', 'reconnect', 'retry', 'user', 'size'].map(
  (id) => document.getElementById(id),
);

/** The open session, what it is or was about, and who the server says we are. */
const page = { session: null, target: null, user: '' };

const terminal = createTerminal(document.querySelector('#terminal'), {
  input: (bytes) => page.session?.send(bytes),
  resized: () => {
    page.session?.resize();
    showSize();
  },
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (page.session) page.session.close();
  else begin(readForm());
});
reconnect.addEventListener('click', () => begin(page.target));
retry.addEventListener('click', loadTargets);
window.addEventListener('hashchange', followLink);
onChoice(() => {
  const target = readForm();
  if (target) history.replaceState(null, '', formatLink(target));
  showButtons();
});

showSize();
loadTargets();

async function loadTargets() {
  retry.hidden = true;
  showIdle('Loading', 'what you may reach …');
  try {
    const targets = await fetchTargets();
    offerTargets(targets);
    showUser(targets);
    showIdle();
  } catch (error) {
    retry.hidden = false;
    showIdle(error.headline ?? 'No list of pods', error.detail ?? String(error));
  }
  followLink();
  connect.focus();
}

/** A link fills in the form, while nothing runs. */
function followLink() {
  const link = parseLink(location.hash);
  if (link && !page.session) choose(link);
  showButtons();
}

/** What the form asks for; null, and the reason on the state line, if that is nothing. */
function readForm() {
  try {
    return chosen();
  } catch (error) {
    showIdle('Not connected', error.message);
    return null;
  }
}

function begin(target) {
  if (!target) return;
  page.target = target;
  document.title = `${target.pod} · ${target.cluster} · execgate`;
  showConnecting(target);
  terminal.begin();
  page.session = openSession(target, terminal.size, {
    started: () => showConnected(target, page.user),
    output: terminal.write,
    ended: end,
  });
  showButtons();
  terminal.focus();
}

function end(ending) {
  page.session = null;
  terminal.end();
  showEnding(page.target, ending);
  showButtons();
  reconnect.focus();
}

function showButtons() {
  const running = page.session !== null;
  fields.disabled = running;
  connect.textContent = running ? 'Disconnect' : 'Connect';
  connect.classList.toggle('main', !running);
  connect.disabled = !running && !form.elements.pod.value;
  reconnect.hidden = running || page.target === null;
}

function showUser({ user: name, groups = [] }) {
  page.user = name ?? '';
  user.hidden = !name;
  user.querySelector('span').textContent = page.user;
  user.title = groups.length > 0 ? `Groups: ${groups.join(', ')}` : '';
}

function showSize() {
  const { columns, rows } = terminal.size();
  size.textContent = `${columns} × ${rows}`;
}
