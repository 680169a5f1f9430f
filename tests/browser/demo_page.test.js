// The demo's own page, as a person uses it.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, openWindow } from './support/browser.js';
import { startDemo } from './support/demo.js';

let demo;
let browser;
let view;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});
beforeEach(async () => {
  view = await openWindow(browser);
});
afterEach(() => view.context.close());

const state = (name, attributes = '') => view.page.locator(`#state[data-state="${name}"]${attributes}`).waitFor();

const podsListed = () => view.page.locator('select[name="pod"] option').first().waitFor({ state: 'attached' });

async function logIn() {
  await view.page.goto(demo.loginUrl);
  await podsListed();
}

/** Chooses with the pickers, connects, and waits for the shell. */
async function connect({ cluster = 'alpha', pod = 'default/web-0', container = 'app', command = 'sh' } = {}) {
  const { page } = view;
  await page.getByLabel('Cluster').selectOption(cluster);
  await podsListed();
  await page.getByLabel('Pod').selectOption(pod);
  await page.getByLabel('Container').selectOption(container);
  await page.getByLabel('Command').fill(command);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await state('connected');
}

test('the login URL opens the page, and a shell answers what is typed', async () => {
  await logIn();
  await connect();
  await view.terminal.type('echo hi from $((40 + 2))');
  await view.terminal.sees(/^hi from 42/m);
  assert.match(await view.page.locator('#state').textContent(), /alpha.*web-0.*app.*alice/s);
  assert.deepEqual(view.problems, []);
});

test('a shell on the other cluster is another shell', async () => {
  await logIn();
  await connect({ cluster: 'beta', container: 'sidecar' });
  await view.terminal.type("printf 'be%s\\n' ta-answers");
  await view.terminal.sees(/^beta-answers/m);
});

test('the size of the terminal follows the window', async () => {
  await logIn();
  await connect();
  await view.terminal.type('clear; while stty size; do sleep 0.1; done');
  for (const size of [{ width: 900, height: 520 }, { width: 1300, height: 800 }]) {
    const before = await view.page.evaluate(() => shownSize());
    await view.page.setViewportSize(size);
    await view.page.waitForFunction((old) => shownSize() !== old, before);
    await view.terminal.seesItsSize();
  }
});

test('a paste of 1 MiB reaches the pod whole', async () => {
  await logIn();
  await connect();
  const paste = 'execgate ✓ 漢字 0123456789 '.repeat(40_000);
  const content = Buffer.from(paste).subarray(0, 1 << 20);
  await view.terminal.type("stty -icanon -echo; printf 'rea%s\\n' dy; head -c 1048576 | sha256sum; stty sane");
  await view.terminal.sees(/^ready/m);
  await view.terminal.paste(paste.slice(0, content.toString().length));
  await view.terminal.sees(new RegExp(createHash('sha256').update(content).digest('hex')));
});

test('characters of two and three bytes and of double width arrive whole', async () => {
  await logIn();
  await connect();
  await view.terminal.type("printf '\\342\\234\\223 \\346\\274\\242\\345\\255\\227 \\303\\251\\n'");
  await view.terminal.sees(/^✓ 漢字 é/m);
  await view.terminal.type('echo typed: ✓ 漢字');
  await view.terminal.sees(/^typed: ✓ 漢字/m);
});

test('an exit code is shown, and Reconnect opens the same shell again', async () => {
  await logIn();
  await connect();
  await view.terminal.type('exit 7');
  await state('exited', '[data-exit-code="7"][data-close-code="1000"]');
  assert.match(await view.page.locator('#state').textContent(), /exit code 7/);
  await view.page.getByRole('button', { name: 'Reconnect' }).click();
  await state('connected');
  await view.terminal.type('exit');
  await state('exited', '[data-exit-code="0"]');
});

test('Disconnect ends the session and says who did it', async () => {
  await logIn();
  await connect();
  await view.page.getByRole('button', { name: 'Disconnect' }).click();
  await state('closed');
  assert.match(await view.page.locator('#state').textContent(), /Disconnected.*You closed/s);
});

test('a deep link fills in the form, and runs nothing by itself', async () => {
  await logIn();
  await view.page.goto(`${demo.origin}/#beta/default/vault/app?command=sh&command=-c&command=exit+3`);
  await view.page.waitForFunction(() => document.querySelector('select[name="pod"]').value === 'default/vault');
  assert.equal(await view.page.getByLabel('Cluster').inputValue(), 'beta');
  assert.equal(await view.page.getByLabel('Command').inputValue(), "sh -c 'exit 3'");
  await state('idle');
  await view.page.getByRole('button', { name: 'Connect', exact: true }).click();
  await state('exited', '[data-exit-code="3"]');
});

test('bob is refused on beta, in words', async () => {
  await logIn();
  const [cookie, ...others] = await view.context.cookies();
  assert.deepEqual(others, []);
  assert.equal(cookie.httpOnly, true);
  await view.context.addCookies([{ ...cookie, value: await demo.token('bob') }]);
  await view.page.goto(`${demo.origin}/#beta/default/web-0/app?command=sh`);
  await view.page.reload();
  await view.page.getByRole('button', { name: 'Connect', exact: true }).click();
  await state('closed', '[data-close-code="4403"]');
  const words = await view.page.locator('#state').textContent();
  assert.match(words, /may not/);
  assert.match(words, /bob.*web-0.*beta/s);
});

test('who is not logged in is asked for a token, and a wrong one is told so', async () => {
  const { page } = view;
  await page.goto(demo.origin);
  await page.getByRole('status').getByText('You are not logged in').waitFor();
  assert.equal(await page.getByLabel('Cluster').isVisible(), false);
  await page.getByLabel('Token').fill('s3cret-but-wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('This token is not accepted').waitFor();
  assert.deepEqual(await view.context.cookies(), []);
});

test('a pasted token logs in, and logging out leaves nothing behind', async () => {
  const { page } = view;
  await page.goto(demo.origin);
  await page.getByLabel('Token').fill(`${await demo.token('bob')}\n`);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('select[name="pod"] option').first().waitFor({ state: 'attached' });
  assert.deepEqual(await page.locator('select[name="cluster"] option').allTextContents(), ['alpha']);
  assert.deepEqual(await page.locator('select[name="pod"] option').allTextContents(), [
    'console', 'no-shell', 'pipe', 'sh-only', 'web-0',
  ]);
  const [cookie] = await view.context.cookies();
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.expires], [true, 'Strict', -1]);

  await page.locator('select[name="pod"]').selectOption('web-0');
  await connect();
  await view.terminal.type('echo only-for-bob');
  await view.terminal.sees(/^only-for-bob/m);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByLabel('Token').waitFor();
  await state('idle');
  assert.deepEqual(await view.context.cookies(), []);
  await page.waitForFunction(() => !screenText().includes('only-for-bob'));
  assert.equal(await page.getByRole('button', { name: 'Reconnect' }).isVisible(), false);
  // Another one in the same window.
  await page.getByLabel('Token').fill(await demo.token('alice'));
  await page.keyboard.press('Enter');
  await page.locator('#account').getByText('alice').waitFor();
  assert.deepEqual(await page.locator('select[name="cluster"] option').allTextContents(), ['alpha', 'beta']);
});

test('a cluster that does not answer is told as such, and the others work', async () => {
  const gate = await demo.serve((config) => config.replace(/(name: beta\n +server: https:\/\/127\.0\.0\.1:)\d+/, '$11'));
  try {
    const { page } = view;
    await page.goto(gate.origin);
    await page.getByLabel('Token').fill(await demo.token('alice'));
    await page.keyboard.press('Enter');
    await podsListed();
    await page.getByLabel('Cluster').selectOption('beta');
    await page.getByRole('status').getByText('No list of pods of beta').waitFor();
    assert.match(await page.locator('#state').textContent(), /Cluster "beta" cannot be reached/);
    assert.equal(await page.getByRole('button', { name: 'Connect', exact: true }).isEnabled(), false);
    assert.equal(await page.getByRole('button', { name: 'Try again' }).isVisible(), true);
    await page.getByLabel('Cluster').selectOption('alpha');
    await page.getByRole('status').getByText('Not connected').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Try again' }).isVisible(), false);
    await connect();
    await view.terminal.type('echo still here');
    await view.terminal.sees(/^still here/m);
  } finally {
    await gate.stop();
  }
});

test('the page loads nothing from elsewhere and names its licences', async () => {
  const asked = [];
  view.page.on('request', (request) => asked.push(new URL(request.url()).origin));
  await logIn();
  assert.deepEqual([...new Set(asked)], [demo.origin]);
  const licences = await view.page.request.get(`${demo.origin}/licenses.txt`);
  assert.match(await licences.text(), /@xterm\/xterm .*MIT/);
});

test('a screenshot for the docs', { skip: process.env.EXECGATE_SCREENSHOT !== '1' && 'asked for by EXECGATE_SCREENSHOT=1' }, async () => {
  await view.page.setViewportSize({ width: 1200, height: 560 });
  await logIn();
  await connect();
  for (const line of [
    "PS1='web-0:~$ '; mkdir -p conf.d static; touch server.js readme.md; clear",
    'ls --color',
    'stty size',
    'echo ✓ 漢字',
    "printf '\\033[1;32mready\\033[0m in \\033[36m12 ms\\033[0m, \\033[33m1 warning\\033[0m, \\033[31m0 errors\\033[0m\\n'",
    "sh -c 'exit 7'; echo exit code $?",
  ]) {
    await view.terminal.type(line);
  }
  await view.terminal.sees(/^exit code 7/m);
  await view.page.screenshot({ path: fileURLToPath(new URL('../../docs/terminal-page.png', import.meta.url)) });
});
