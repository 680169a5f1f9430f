// The terminal on the page: xterm.js with our looks, its size kept to the window's.
import { FitAddon } from '@xterm/addon-fit';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import { boundedWriter } from './flood.js';
import { theme } from './theme.js';

/** What a program that was cut off may have left on: the alternate screen, mouse reports, bracketed paste. */
const CALM = '\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[!p\x1b[?25l';

/** Makes the terminal in `host`. `on` has `input(bytes)` and `resized()`. */
export function createTerminal(host, on) {
  const term = new Terminal({
    allowProposedApi: true,
    cursorBlink: true,
    disableStdin: true,
    fontFamily: 'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
    fontSize: 14,
    lineHeight: 1.2,
    scrollback: 10_000,
    theme,
    linkHandler: { activate: (_, uri) => openLink(uri) },
  });
  const fit = addonsOf(term);
  term.open(host);
  keepSize(host, fit);

  const utf8 = new TextEncoder();
  // What a session left to draw may hold questions to the terminal; its answers are not for the next session.
  let drawingTheLast = false;
  const input = (bytes) => drawingTheLast || on.input(bytes);
  term.onData((text) => input(utf8.encode(text)));
  term.onBinary((text) => input(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  term.onResize(() => on.resized());
  letGoOfKeys(term);

  const newWriter = () => boundedWriter((data, done) => term.write(data, done));
  let writer = newWriter();

  return {
    write: (bytes) => writer(bytes),
    size: () => ({ columns: term.cols, rows: term.rows }),
    focus: () => term.focus(),
    /** A new session: nothing of the last one stays. */
    begin: () => {
      writer = newWriter();
      drawingTheLast = true;
      term.write('', () => {
        term.reset();
        drawingTheLast = false;
      });
      term.options.disableStdin = false;
    },
    /** The session is over: what it said stays, and no key is taken. */
    end: () => {
      term.write(CALM);
      term.options.disableStdin = true;
    },
  };
}

function addonsOf(term) {
  const fit = new FitAddon();
  term.loadAddon(fit);
  term.loadAddon(new Unicode11Addon());
  term.unicode.activeVersion = '11';
  term.loadAddon(new WebLinksAddon((_, uri) => openLink(uri)));
  return fit;
}

/** Program output chooses these addresses: nothing but the web, and no way back to this page. */
function openLink(uri) {
  if (/^https?:/i.test(uri)) window.open(uri, '_blank', 'noopener,noreferrer');
}

/** Fits once per frame at most, however often the window moves. */
function keepSize(host, fit) {
  let frame = 0;
  const soon = () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => fit.fit());
  };
  new ResizeObserver(soon).observe(host);
  document.fonts?.ready.then(soon);
  fit.fit();
}

/** Ctrl+Shift+C copies, as in other terminals; Ctrl+F6 leaves the terminal, which takes Tab for itself. */
function letGoOfKeys(term) {
  term.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true;
    if (event.ctrlKey && event.shiftKey && event.code === 'KeyC' && term.hasSelection()) {
      navigator.clipboard?.writeText(term.getSelection());
      event.preventDefault();
      return false;
    }
    if (event.ctrlKey && event.key === 'F6') {
      document.querySelector('#connect').focus();
      return false;
    }
    return !(event.key === 'Tab' && term.options.disableStdin);
  });
}
