// A page of thirty lines, as people have them: only its URL changes.
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, openWindow } from './support/browser.js';
import { startDemo } from './support/demo.js';
import { serveConsole } from './support/plain_page.js';

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
  await view.page.goto(demo.loginUrl);
});
afterEach(() => view.context.close());

/** Opens the example from a server of its own, runs `steps`, and stops that server. */
async function atConsole(options, steps) {
  const console = await serveConsole(options);
  try {
    await view.page.goto(console.url);
    await steps(view);
  } finally {
    await console.stop();
  }
}

test('it works behind execgate as it is', () =>
  atConsole({ execgate: demo.origin }, async ({ page, terminal }) => {
    await terminal.sees(/[$#] *$/m);
    await terminal.type('echo hi ✓ 漢字 $((40 + 2))');
    await terminal.sees(/^hi ✓ 漢字 42/m);
    const before = await page.evaluate(() => shownSize());
    await page.setViewportSize({ width: 700, height: 400 });
    await page.waitForFunction((old) => shownSize() !== old, before);
    await terminal.type('clear; while stty size; do sleep 0.1; done');
    await terminal.seesItsSize();
    await page.keyboard.press('Control+C');
    await terminal.type('clear; exit 7');
    await terminal.sees(/\[closed: 1000 .*exit code 7/);
  }));

test('from an origin that is not listed it gets no session, cookie or not', () =>
  atConsole(
    { rewrite: (script) => script.replace('location.origin', `'${demo.origin}'`) },
    ({ terminal }) => terminal.sees(/\[closed: 1006 /),
  ));
