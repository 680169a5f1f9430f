import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedWriter } from '../src/flood.js';

const LIMITS = { startLeavingOut: 10, writeAgain: 4, keepOfTheEnd: 3 };

/** A terminal that draws when told to. */
function slowTerminal() {
  const queue = [];
  const shown = [];
  const write = boundedWriter((data, done) => queue.push({ data, done }), LIMITS);
  return {
    write: (text) => write(new TextEncoder().encode(text)),
    draw: () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        shown.push(typeof next.data === 'string' ? next.data : new TextDecoder().decode(next.data));
        next.done?.();
      }
      return shown.join('');
    },
  };
}

test('what the terminal keeps up with is shown whole', () => {
  const terminal = slowTerminal();
  for (const text of ['hello ', 'world']) terminal.write(text);
  assert.equal(terminal.draw(), 'hello world');
});

test('of a flood the start and the end are shown, and that something is missing', () => {
  const terminal = slowTerminal();
  for (const text of ['0123456789', 'a', 'lost', 'lost', 'en', 'd$']) terminal.write(text);
  assert.match(terminal.draw(), /^0123456789a\r\n.*MB left out.*\r\nend\$$/s);
});

test('a flood that fits the end loses nothing, and writing goes on after it', () => {
  const terminal = slowTerminal();
  for (const text of ['0123456789', 'a', 'b', 'c']) terminal.write(text);
  assert.equal(terminal.draw(), '0123456789abc');
  terminal.write('d');
  assert.equal(terminal.draw(), '0123456789abcd');
});
