import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinCommand, splitCommand } from '../src/command.js';

test('words are split at spaces, quotes and backslashes keep them together', () => {
  const cases = {
    'sh': ['sh'],
    '  ls   -l\t/tmp ': ['ls', '-l', '/tmp'],
    'sh -c "echo hi; exit 7"': ['sh', '-c', 'echo hi; exit 7'],
    "sh -c 'echo \"$HOME\" \\n'": ['sh', '-c', 'echo "$HOME" \\n'],
    'echo "a \\"b\\" \\n"': ['echo', 'a "b" \\n'],
    'echo a\\ b --x="y z"': ['echo', 'a b', '--x=y z'],
    "echo '' \"\"": ['echo', '', ''],
    '': [],
  };
  for (const [line, words] of Object.entries(cases)) assert.deepEqual(splitCommand(line), words, line);
});

test('an unfinished quote or backslash is an error, not a guess', () => {
  for (const line of ['"', "a 'b", 'a "b\\"', 'a\\', 'x"y z']) {
    assert.throws(() => splitCommand(line), { name: 'SyntaxError', message: /not finished/ }, line);
  }
});

test('a joined command splits into the words it was made of', () => {
  for (const words of [['sh'], ['sh', '-c', 'echo "hi"'], ['a b', "it's", '', '\\', '$x', '漢字', 'a\nb']]) {
    assert.deepEqual(splitCommand(joinCommand(words)), words);
  }
});
