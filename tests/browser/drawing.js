// How long Chromium takes to draw 20 MB, straight from the demo's exec server and through execgate, by turns. A program and no test: it
// measures time. tests/browser/run has to have run once, for what npm brings; then, with a release build:
//
//   EXECGATE_BIN=$PWD/target/release/execgate node tests/browser/drawing.js [ROUNDS]
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { launch, openWindow } from './support/browser.js';
import { startDemo } from './support/demo.js';
import { fileOf } from './support/plain_page.js';

/** Lines on a terminal, of which the exec server reads some three hundred at once; and frames of 64 bytes, which leave most to join. */
const WORKS = {
  'seq on a terminal': { command: ['seq', '2300000'], last: /^2300000/m },
  'frames of 64 B': { command: ['execgate-flood', '64', '20000000'], last: /x{60}/ },
};
/** So many times as fast as straight. */
const PROMISED = 2;
const ROUNDS = Number(process.argv[2] ?? 5);

const demo = await startDemo();
// A page that is not read from the network counts as a foreign one.
const browser = await launch(['--disable-features=LocalNetworkAccessChecks']);
try {
  const ways = { straight: await straight(), 'through execgate': through() };
  console.log(`20 MB in ${browser.browserType().name()} ${browser.version()}, medians of ${ROUNDS} rounds:\n`);
  console.log('| | s | messages | characters of a message | times as fast |\n|---|---:|---:|---:|---:|');
  for (const [work, what] of Object.entries(WORKS)) {
    const runs = Object.keys(ways).map(() => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, way] of Object.values(ways).entries()) runs[index].push(await draw(way, what));
    }
    const [before] = runs.map((of) => median(of, 'seconds'));
    for (const [index, way] of Object.keys(ways).entries()) {
      const [seconds, messages, characters] = ['seconds', 'messages', 'characters'].map((key) => median(runs[index], key));
      const cells = [seconds.toFixed(2), messages, Math.round(characters / messages), (before / seconds).toFixed(2)];
      console.log(`| ${work}, ${way} | ${cells.join(' | ')} |`);
      if (way !== 'straight' && before / seconds < PROMISED) {
        console.log(`missed: ${work}: at least ${PROMISED} times as fast is promised`);
        process.exitCode = 1;
      }
    }
  }
} finally {
  await browser.close();
  await demo.stop();
}

/** The demo's own exec server: its URL is all that the page changes, and the token goes with the subprotocols, as Kubernetes has it. */
async function straight() {
  const { server, token } = await demo.cluster('alpha');
  const bearer = `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}`;
  return {
    origin: server,
    rewrite: (script) => replaced(script, "+ '/clusters/alpha'", '').replace("'base64.channel.k8s.io'", `['base64.channel.k8s.io', '${bearer}']`),
  };
}

function through() {
  return { origin: demo.origin, loginUrl: demo.loginUrl, rewrite: (script) => script };
}

/** examples/plain-page on the origin that serves its WebSocket, with another command. */
async function draw({ origin, loginUrl, rewrite }, { command, last }) {
  const { page, context } = await openWindow(browser, undefined, { ignoreHTTPSErrors: true });
  try {
    if (loginUrl) await page.goto(loginUrl);
    const url = `${origin}/drawing/index.html`;
    await context.route(`${origin}/drawing/*`, async (route) => {
      const name = basename(new URL(route.request().url()).pathname);
      const { contentType, body } = await fileOf(name);
      const script = (text) => rewrite(replaced(text, 'command=sh', command.map((word) => `command=${word}`).join('&')));
      await route.fulfill({ contentType, body: name === 'page.js' ? script(body.toString()) : body });
    });
    await context.addInitScript(countMessages);
    await page.goto(url);
    await page.waitForFunction(() => /\[closed: 1000/.test(screenText()), null, { timeout: 60_000, polling: 'raf' });
    const drawn = await page.evaluate(() => ({ ...drawing, seconds: (performance.now() - drawing.from) / 1000 }));
    assert.match(await page.evaluate(() => screenText()), last, 'the last line is on the screen');
    return drawn;
  } finally {
    await context.close();
  }
}

function countMessages() {
  window.drawing = { from: 0, messages: 0, characters: 0 };
  window.WebSocket = class extends WebSocket {
    constructor(...words) {
      super(...words);
      window.drawing.from = performance.now();
      this.addEventListener('message', ({ data }) => {
        window.drawing.messages += 1;
        window.drawing.characters += data.length;
      });
    }
  };
}

function replaced(text, from, to) {
  assert.ok(text.includes(from), `page.js has no ${from}`);
  return text.replace(from, to);
}

function median(runs, key) {
  return runs.map((run) => run[key]).toSorted((one, other) => one - other)[Math.floor(runs.length / 2)];
}
