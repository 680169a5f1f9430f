// Each of the pages that people have: it types, resizes, and shows every character and every byte.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { launch, openWindow } from '../support/browser.js';
import { startDemo } from '../support/demo.js';
import { PAGES, servePage } from '../support/pages.js';

const LINE = 'execgate 漢字😀 ✓ 0123456789\n';
const LINES = Math.ceil(5_000_000 / Buffer.byteLength(LINE));

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
    let view;

    before(async () => {
      gate = await servePage(demo, name);
    });
    after(() => gate?.stop());
    beforeEach(async () => {
      view = await openWindow(browser);
      await gate.open(view);
      await view.terminal.sees(/[$#] *$/m);
    });
    afterEach(() => view.context.close());

    test('what is typed is answered, and the end is told', async () => {
      const { page, terminal } = view;
      await terminal.type('echo hi from $((40 + 2))');
      await terminal.sees(/^hi from 42/m);
      await screenshot(page, name);
      await terminal.type('clear; exit 7');
      await terminal.sees(/\[closed: 1000 .*exit code 7/);
      if (name === 'scow') await terminal.sees(/^The shell has ended \(exit code 7, signal none\)/m);
      assert.deepEqual(view.problems, []);
    });

    test('the size is what the page shows', () => (name === 'alodi' ? keepsItsSize(view) : followsTheWindow(view)));

    test('characters arrive whole, also in two pieces', async () => {
      const { page, terminal } = view;
      await terminal.type('clear; echo typed: 漢字 😀');
      await terminal.sees(/^typed: 漢字 😀/m);
      await terminal.type("printf 'a\\360\\237'; sleep 0.2; printf '\\230\\200b %s\\n' 漢字");
      await terminal.sees(/^a😀b 漢字/m);
      assert.doesNotMatch(await page.evaluate(() => writtenText()), /\ufffd/);
    });

    test('five megabytes arrive exact', async () => {
      const { page, terminal } = view;
      const line = LINE.trimEnd();
      await terminal.type(`stty -echo -opost; PS1=; printf 'BEG''IN'; yes '${line}' | head -n ${LINES}; printf 'EN''D\\n'; exit`);
      await terminal.sees(/\[closed: 1000/);
      const content = Buffer.from(LINE.repeat(LINES));
      assert.deepEqual(await page.evaluate(digestBetween, ['BEGIN', 'END']), {
        length: content.length,
        sha256: createHash('sha256').update(content).digest('hex'),
      });
    });
  });
}

test('alodi has sh where there is no bash', async () => {
  const gate = await servePage(demo, 'alodi');
  const view = await openWindow(browser);
  try {
    for (const [pod, shell] of [['web-0', 'bash'], ['sh-only', 'sh']]) {
      await gate.open(view, { at: `/?name=${pod}` });
      await view.terminal.sees(/[$#] *$/m);
      await view.terminal.type('clear; echo "[$0]"');
      await view.terminal.sees(new RegExp(`^\\[${shell}\\]`, 'm'));
    }
  } finally {
    await view.context.close();
    await gate.stop();
  }
});

async function followsTheWindow({ page, terminal }) {
  await terminal.type('clear; while stty size; do sleep 0.1; done');
  await terminal.seesItsSize();
  for (const size of [{ width: 760, height: 430 }, { width: 1300, height: 800 }]) {
    const old = await page.evaluate(() => shownSize());
    await page.setViewportSize(size);
    await page.waitForFunction((before) => shownSize() !== before, old);
    await terminal.seesItsSize();
  }
}

/** The page can't say a size: the shell has the usual one. */
async function keepsItsSize({ page, terminal }) {
  await terminal.type('clear; stty size');
  await terminal.sees(/^24 80/m);
  await page.setViewportSize({ width: 760, height: 560 });
  assert.equal(await page.evaluate(() => shownSize()), '24 80');
}

/** Length and SHA-256 of what the page wrote between two words. */
async function digestBetween([from, to]) {
  const bytes = await writtenBytes();
  // One character for each byte.
  const text = new TextDecoder('latin1').decode(bytes);
  const start = text.indexOf(from) + from.length;
  const content = bytes.slice(start, text.indexOf(to, start));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
  return { length: content.length, sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

/** With EXECGATE_PICTURES=FOLDER, for a person to look at. */
async function screenshot(page, name) {
  const folder = process.env.EXECGATE_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}
