// However a page is left, and whatever runs in it then, no shell of its is left behind.
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { launch, openWindow } from '../support/browser.js';
import { startDemo } from '../support/demo.js';
import { PAGES, servePage } from '../support/pages.js';
import { untilRunning } from '../support/processes.js';

const WAYS = {
  'is closed': (page) => page.close(),
  'goes elsewhere': (page) => page.goto('about:blank'),
};

let demo;
let browser;

before(async () => {
  [demo, browser] = await Promise.all([startDemo(), launch()]);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

for (const name of Object.keys(PAGES)) {
  describe(name, () => {
    let gate;

    before(async () => {
      gate = await servePage(demo, name);
    });
    after(() => gate?.stop());

    for (const [way, leave] of Object.entries(WAYS)) {
      test(`no shell is left when the page ${way} at the prompt`, () =>
        atShell(gate, async ({ page, terminal }, mark) => {
          await terminal.type('echo waits');
          await terminal.sees(/^waits/m);
          await leave(page);
          await untilRunning(mark, (count) => count === 0);
        }));

      test(`no shell is left when the page ${way} while a command runs`, () =>
        atShell(gate, async ({ page, terminal }, mark) => {
          await terminal.type('sleep 1000');
          await untilRunning(mark, (count) => count === 2);
          await leave(page);
          await untilRunning(mark, (count) => count === 0);
        }));
    }
  });
}

/** Opens the page; its shell and what that starts have `mark` in their environment. */
async function atShell(gate, steps) {
  const view = await openWindow(browser);
  try {
    await gate.open(view);
    await view.terminal.sees(/[$#] *$/m);
    const mark = `page-${randomUUID()}`;
    await view.terminal.type(`clear; exec env MARK=${mark} sh`);
    await untilRunning(mark, (count) => count === 1);
    await steps(view, mark);
  } finally {
    await view.context.close();
  }
}
