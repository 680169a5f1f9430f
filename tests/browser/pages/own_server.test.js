// A page with a server of its own behind execgate: both work, and neither learns the other's secrets.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openWindow } from '../support/browser.js';
import { serveConsole } from '../support/console.js';
import { startDemo } from '../support/demo.js';
import { replaced, servePage } from '../support/pages.js';

let demo;
let browser;
let console;
let gate;

before(async () => {
  [demo, browser, console] = await Promise.all([startDemo(), launch(), serveConsole('k8s-channel')]);
  gate = await servePage(demo, 'k8s-channel', (config) =>
    replaced(config, 'frontend', `frontend: {server: {url: "${console.url}"}}\n`),
  );
});
after(async () => {
  await gate?.stop();
  await browser?.close();
  await console?.stop();
  await demo?.stop();
});

test('the page, its terminal, its own WebSocket and its own cookie work, and the token stays with execgate', async () => {
  const view = await openWindow(browser);
  try {
    await gate.open(view);
    await view.terminal.sees(/[$#] *$/m);
    await view.terminal.type('echo hi from $((40 + 2))');
    await view.terminal.sees(/^hi from 42/m);

    assert.equal(await view.page.evaluate(echo, 'is 漢字 there?'), 'is 漢字 there?');
    const cookies = (await view.context.cookies()).map(({ name }) => name).toSorted();
    assert.deepEqual(cookies, ['console_language', 'console_token']);
    assert.equal(console.heads.at(-1).cookie, 'console_language=de');
    assert.doesNotMatch(JSON.stringify(console.heads), new RegExp(`console_token|${await demo.token('alice')}`));
    assert.deepEqual(view.problems, []);
  } finally {
    await view.context.close();
  }
});

/** What the page's own server says back. */
function echo(text) {
  return new Promise((resolve, reject) => {
    const own = new WebSocket(`${location.origin.replace('http', 'ws')}/live`);
    own.onerror = () => reject(new Error('the page’s own WebSocket failed'));
    own.onopen = () => own.send(text);
    own.onmessage = ({ data }) => {
      resolve(data);
      own.close();
    };
  });
}
