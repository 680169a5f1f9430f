// Debian's Chromium, and a page with a terminal in it.
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launch(more = []) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, headless: true, args: [...FLAGS, ...more] });
}

/**
 * A window of its own, with its own cookies and perhaps `more` of Playwright's options. Errors of its scripts and refused resources are
 * kept in `problems`.
 */
export async function openWindow(browser, size = { width: 1100, height: 700 }, more = {}) {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const context = await browser.newContext({ viewport: size, permissions, ...more });
  await context.addInitScript(() => {
    window.screenText = () => [...document.querySelectorAll('.xterm-rows > *')].map((row) => row.textContent).join('\n');
    // Our page shows it; the plain one has it in a global of its own.
    window.shownSize = () =>
      document.querySelector('#size')?.textContent.split(' × ').reverse().join(' ') ?? `${terminal.rows} ${terminal.cols}`;
  });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  return { page, context, problems, terminal: terminalOf(page) };
}

/** What a person at the terminal does and sees. */
function terminalOf(page) {
  const until = async (what, met, argument) => {
    await page.waitForFunction(met, argument, { timeout: 20_000 }).catch(async (cause) => {
      throw new Error(`did not see ${what} on the screen:\n${await page.evaluate(() => screenText())}`, { cause });
    });
  };
  return {
    /** Types a line and Enter. */
    type: async (line) => {
      await page.locator('.xterm-helper-textarea').focus();
      await page.keyboard.type(line);
      await page.keyboard.press('Enter');
    },
    /** Pastes through the clipboard. */
    paste: async (content) => {
      await page.evaluate((copied) => navigator.clipboard.writeText(copied), content);
      await page.locator('.xterm-helper-textarea').focus();
      await page.keyboard.press('Control+Shift+V');
    },
    /** Waits for what matches on the screen; fails with the screen. */
    sees: (pattern) => until(`${pattern}`, ({ source, flags }) => new RegExp(source, flags).test(screenText()), {
      source: pattern.source,
      flags: pattern.flags,
    }),
    /** Waits for the line that `stty size` prints when it knows the size that the page shows. */
    seesItsSize: () => until('its own size', () => screenText().split('\n').some((line) => line.trim() === shownSize())),
  };
}
