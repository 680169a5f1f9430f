// The terminal page: a login, a form, a terminal, a state line, and at most one session.
import '@xterm/xterm/css/xterm.css';
import './style.css';
import { logOut } from './account.js';
import { formatLink, parseLink } from './link.js';
import { hideLogin, onLogin, showLogin } from './login.js';
import { choose, chosen, chosenCluster, isListed, offerPods, offerTargets, onChoice } from './picker.js';
import { openSession } from './session.js';
import { showConnected, showConnecting, showEnding, showIdle } from './state.js';
import { LoggedOutError, fetchPods, fetchTargets, remarkOn } from './targets.js';
import { createTerminal } from './terminal.js';

const [form, fields, connect, reconnect, retry, account, logout, size] = [
  'target', 'fields', 'connect', 'reconnect', 'retry', 'account', 'logout', 'size',
].map((id) => document.getElementById(id));

/** The open session, what it is or was about, who the server says we are, and what a retry does. */
const page = { session: null, target: null, user: '', retry: loadTargets };

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
retry.addEventListener('click', () => page.retry());
logout.addEventListener('click', leave);
window.addEventListener('hashchange', followLink);
onLogin(loadTargets);
onChoice(() => {
  const target = readForm();
  if (target) history.replaceState(null, '', formatLink(target));
  showButtons();
  loadPods();
});

showSize();
loadTargets();

/** Who is there, and which clusters they may reach. */
async function loadTargets() {
  showIdle('Loading', 'what you may reach …');
  retry.hidden = true;
  try {
    const targets = await fetchTargets();
    hideLogin();
    showUser(targets);
    offerTargets(targets);
    followLink();
    if (targets.clusters.length > 0) await loadPods();
    else showIdle('Nothing to open', 'There is no cluster in which you may open anything.');
  } catch (error) {
    fail(error, loadTargets);
  }
  if (!form.hidden) connect.focus();
}

/** The pods of the chosen cluster, unless they are known. What comes too late for another choice is kept for later. */
async function loadPods() {
  const cluster = chosenCluster();
  if (!cluster) return;
  if (isListed(cluster)) {
    // What was told of another cluster is not about this one.
    if (!retry.hidden) showIdle();
    retry.hidden = true;
    return;
  }
  const isChosen = () => chosenCluster() === cluster && !page.session;
  showIdle('Loading', `the pods of ${cluster} …`);
  retry.hidden = true;
  try {
    const list = await fetchPods(cluster);
    offerPods(cluster, list.pods);
    const remark = remarkOn(cluster, list);
    if (isChosen()) showIdle(remark?.headline, remark?.detail);
  } catch (error) {
    if (isChosen() || error instanceof LoggedOutError) fail(error, loadPods);
  }
  showButtons();
}

/** Says what went wrong, and asks for a token if that is it. */
function fail(error, again) {
  showIdle(error.headline ?? 'Something went wrong', error.detail ?? String(error));
  if (error instanceof LoggedOutError) askForToken();
  else [page.retry, retry.hidden] = [again, false];
}

/** The form of somebody who is not logged in. */
function askForToken(words) {
  const wasLoggedIn = page.user !== '';
  showUser({});
  retry.hidden = true;
  reconnect.hidden = true;
  showLogin(words ?? (wasLoggedIn ? 'Your token is not accepted any more.' : ''));
}

/** Leaves nothing of the user: no token, no session, nothing on the screen. */
async function leave() {
  try {
    await logOut();
  } catch (error) {
    showIdle('Not logged out', error.message);
    return;
  }
  const { session } = page;
  [page.session, page.target] = [null, null];
  session?.close();
  terminal.begin();
  terminal.end();
  document.title = 'execgate';
  showIdle('Logged out', 'This browser has forgotten your token.');
  askForToken('');
  showButtons();
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
  retry.hidden = true;
  document.title = `${target.pod} · ${target.cluster} · execgate`;
  showConnecting(target);
  terminal.begin();
  const session = openSession(target, terminal.size, {
    started: () => isOpen() && showConnected(target, page.user),
    output: (bytes) => isOpen() && terminal.write(bytes),
    ended: (ending) => isOpen() && end(ending),
  });
  // One that was left by a logout has nothing more to show.
  const isOpen = () => page.session === session;
  page.session = session;
  showButtons();
  terminal.focus();
}

function end(ending) {
  page.session = null;
  terminal.end();
  showEnding(page.target, ending);
  showButtons();
  if (ending.code === NOT_LOGGED_IN) askForToken();
  else if (!form.hidden) reconnect.focus();
}

function showButtons() {
  const running = page.session !== null;
  fields.disabled = running;
  connect.textContent = running ? 'Disconnect' : 'Connect';
  connect.classList.toggle('main', !running);
  connect.disabled = !running && !form.elements.pod.value;
  reconnect.hidden = running || page.target === null;
}

/** Without a user there is nothing to choose from. */
function showUser({ user: name = '', groups = [] }) {
  page.user = name;
  account.hidden = form.hidden = !name;
  account.querySelector('span').textContent = name;
  account.title = groups.length > 0 ? `Groups: ${groups.join(', ')}` : '';
}

function showSize() {
  const { columns, rows } = terminal.size();
  size.textContent = `${columns} × ${rows}`;
}

/** 4000 and the HTTP status. */
const NOT_LOGGED_IN = 4401;
