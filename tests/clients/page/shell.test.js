// examples/plain-page in a real browser, before the execgate at EXECGATE and a real pod; TOKENS holds the users' tokens as JSON.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, openWindow } from '../../browser/support/browser.js';
import { serveConsole } from '../../browser/support/plain_page.js';

const { EXECGATE, TOKENS } = process.env;
const tokens = JSON.parse(TOKENS);
let browser;
let console;
let view;

before(async () => {
  [browser, console] = await Promise.all([launch(), serveConsole({ execgate: EXECGATE })]);
});
after(async () => {
  await browser?.close();
  await console?.stop();
});
beforeEach(async () => {
  view = await openWindow(browser);
  await view.context.addInitScript(countBrokenMessages);
});
afterEach(() => view.context.close());

/** Counts messages of output that are no whole characters: a page that decodes one by one would show them as �. */
function countBrokenMessages() {
  window.messages = { whole: 0, broken: 0 };
  const decode = ([channel, ...data]) => {
    if (channel !== '1') return;
    const bytes = Uint8Array.from(atob(data.join('')), (character) => character.charCodeAt(0));
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      window.messages.whole += 1;
    } catch {
      window.messages.broken += 1;
    }
  };
  window.WebSocket = class extends WebSocket {
    constructor(...words) {
      super(...words);
      this.addEventListener('message', ({ data }) => decode(data));
    }
  };
}

/** Opens the page with the cookie of `user`. */
async function open(user) {
  await view.context.addCookies([{ name: 'gate', value: tokens[user], url: console.url }]);
  await view.page.goto(console.url);
}

/** The same, until a shell asks for input: what is typed before its connection is open, a plain page drops. */
async function openShell() {
  await open('alice');
  await view.terminal.sees(/[$#] *$/m);
}

test('what is typed runs in the pod, and its exit code is shown', async () => {
  await openShell();
  await view.terminal.type('echo "pod $(hostname >/dev/null && echo answers) $((40 + 2))"');
  await view.terminal.sees(/^pod answers 42/m);
  await view.terminal.type('clear; exit 7');
  await view.terminal.sees(/\[closed: 1000 .*exit code 7/);
});

test('the terminal in the pod follows the window', async () => {
  await openShell();
  await view.terminal.type('clear; while stty size; do sleep 0.1; done');
  for (const size of [{ width: 900, height: 520 }, { width: 1300, height: 800 }]) {
    const before = await view.page.evaluate(() => shownSize());
    await view.page.setViewportSize(size);
    await view.page.waitForFunction((old) => shownSize() !== old, before);
    await view.terminal.seesItsSize();
  }
});

test('a paste of 1 MiB reaches the pod whole', async () => {
  await openShell();
  const paste = 'execgate ✓ 漢字 0123456789 '.repeat(34_000);
  const length = Buffer.byteLength(paste);
  await view.terminal.type(`stty -icanon -echo; printf 'rea%s\\n' dy; head -c ${length} | sha256sum; stty sane`);
  await view.terminal.sees(/^ready/m);
  await view.terminal.paste(paste);
  await view.terminal.sees(new RegExp(createHash('sha256').update(paste).digest('hex')));
});

test('no character is cut in two between messages', async () => {
  await openShell();
  await view.terminal.type('clear; yes 漢字✓ | head -n 50000; echo "the en"d');
  await view.terminal.sees(/^the end/m);
  const { whole, broken } = await view.page.evaluate(() => messages);
  assert.equal(broken, 0);
  assert.ok(whole > 10, `${whole} messages`);
});

test('a refusal stands in the terminal, in words', async () => {
  await open('bob');
  await view.terminal.sees(/execgate: user "bob" may not exec in pod "web-0" of namespace "default" on cluster "alpha"/);
  await view.terminal.sees(/\[closed: 4403 /);
});
