// The state line. `data-state` is idle, connecting, connected, exited or closed; `data-exit-code` and `data-close-code` go
// with the last two. Tests read these, people read the words.
import { joinCommand } from './command.js';

const line = document.querySelector('#state');
const headline = document.querySelector('#headline');
const detail = document.querySelector('#detail');
const notice = document.querySelector('#notice');

/** Whether the terminal shows something of a session. While it does not, the notice in its place repeats the line. */
let started = false;

/** Nothing runs. */
export function showIdle(words = 'Not connected', more = 'Choose a pod and press Connect.') {
  show('idle', words, more);
}

/** The WebSocket is on its way. */
export function showConnecting(target) {
  show('connecting', 'Connecting', `to ${placeOf(target)} …`);
}

/** The command runs. */
export function showConnected(target, user) {
  const who = user ? ` as ${user}` : '';
  show('connected', 'Connected', `to ${placeOf(target)}${who}, running ${joinCommand(target.command)}`);
}

/** The session is over: `ending` is what `describeEnding` gave. */
export function showEnding(target, ending) {
  if (ending.state === 'exited') {
    show('exited', `Ended with exit code ${ending.exitCode}`, `${joinCommand(target.command)} in ${placeOf(target)}`);
    line.dataset.exitCode = ending.exitCode;
    line.dataset.outcome = ending.exitCode === 0 ? 'success' : 'failure';
  } else {
    show('closed', ending.headline, `${ending.detail} Code ${ending.code}.`.trim());
  }
  line.dataset.closeCode = ending.code;
}

function show(state, words, more) {
  for (const name of Object.keys(line.dataset)) delete line.dataset[name];
  line.dataset.state = state;
  headline.textContent = words;
  detail.textContent = more;
  if (state === 'connecting') started = false;
  if (state === 'connected') started = true;
  notice.hidden = started || state === 'connecting';
  notice.querySelector('h2').textContent = words;
  notice.querySelector('p').textContent = more;
}

function placeOf({ cluster, namespace, pod, container }) {
  return [cluster, namespace, pod, container].filter(Boolean).join(' / ');
}
