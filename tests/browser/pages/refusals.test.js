// What a page does wrong, or may not, is told once and clearly in its terminal, and closes it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch, openWindow } from '../support/browser.js';
import { startDemo } from '../support/demo.js';
import { servePage } from '../support/pages.js';

/** What a page that has gone wrong sends, as text unless it is a list of bytes, and what its user reads. */
const WRONG = {
  scow: [
    ['{', /is no JSON/],
    ['{"$case":"kill"}', /unknown here; known are data, resize, disconnect/],
    [[1, 2, 3], /binary message where the dialect scow has text/],
    ['{"$case":"resize","resize":{"cols":1e99,"rows":30}}', /no whole number from 0 to 65535/],
    ['{"$case":"data","data":{}}', /has no "data.data"/],
  ],
  kubemgr: [
    ['ls', /is no JSON/],
    ['{"type":"ping"}', /unknown here; known are input, resize/],
    [[255], /binary message where the dialect kubemgr has text/],
    ['{"type":"resize","rows":30,"cols":99999999999999999999}', /no whole number from 0 to 65535/],
    ['{"type":"resize","rows":30}', /has no "cols"/],
  ],
  kubeutil: [
    ['[]', /no object/],
    ['{"operation":"stdout","data":"x"}', /unknown here; known are stdin, resize/],
    [[], /binary message where the dialect kubeutil has text/],
    ['{"operation":"resize","rows":-1,"cols":80}', /no whole number from 0 to 65535/],
    ['{"operation":"stdin"}', /has no "data"/],
  ],
};

/** Who asks for what, and what they read. */
const REFUSED = {
  'k8s-channel': [
    [{ at: '/?pod=web-99' }, /"web-99" not found/, 4404],
    [{ user: null }, /./, 4401],
  ],
  scow: [
    [{ at: '/?cluster=prod&jobId=18' }, /no pod .*job-id=18,owner=alice/, 4404],
    [{ user: 'bob' }, /no pod .*job-id=17,owner=bob/, 4404],
  ],
  kubemgr: [[{ user: null }, /./, 4401]],
  kubeutil: [
    [{ at: '/?pod=web-0&container=ap' }, /pod "web-0" has no container "ap"; it has app, sidecar/, 4409],
    [{ at: '/?pod=pending&container=app' }, /pod "pending" has not started yet/, 4409],
  ],
  alodi: [
    [{ at: '/?name=no-shell' }, /this container has no shell \(tried bash, sh\)/, 4404],
    [{ at: '/?name=nobody' }, /no pod with the labels? app=nobody/, 4404],
  ],
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

for (const [name, refused] of Object.entries(REFUSED)) {
  describe(name, () => {
    let gate;

    before(async () => {
      gate = await servePage(demo, name);
    });
    after(() => gate?.stop());

    for (const [wrong, words] of WRONG[name] ?? []) {
      test(`a wrong message is told: ${JSON.stringify(wrong)}`, () =>
        atPage(async (view) => {
          await gate.open(view);
          await view.terminal.sees(/[$#] *$/m);
          await view.page.evaluate((sent) => socket.send(typeof sent === 'string' ? sent : Uint8Array.from(sent)), wrong);
          await isTold(view, words, 1007);
          await view.page.reload();
          await view.terminal.sees(/[$#] *$/m);
        }));
    }

    for (const [who, words, code] of refused) {
      test(`a refusal is told: ${JSON.stringify(who)}`, () =>
        atPage(async (view) => {
          await gate.open(view, who);
          await isTold(view, words, code);
        }));
    }
  });
}

async function atPage(steps) {
  const view = await openWindow(browser);
  try {
    await steps(view);
  } finally {
    await view.context.close();
  }
}

/** One message of execgate's, and the close behind it. */
async function isTold({ page, terminal }, words, code) {
  await terminal.sees(/\[closed: /);
  const written = await page.evaluate(() => writtenText());
  const [told, closed] = written.split('[closed: ');
  assert.equal(told.split('execgate: ').length, 2, written);
  assert.match(told.split('execgate: ')[1], words);
  assert.match(closed, new RegExp(`^${code} \\S`));
}
