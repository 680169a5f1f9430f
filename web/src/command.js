// A command line as people type it, to and from the words of argv. No shell takes part: quotes and backslashes group
// characters into words, and nothing is expanded.

const WORD = /(?:[^\s"'\\]|\\[^]|"(?:[^"\\]|\\[^])*"|'[^']*')+/y;
const PART = /\\([^])|"((?:[^"\\]|\\[^])*)"|'([^']*)'|([^"'\\]+)/g;

/** Splits a line into words. An unfinished quote is an error with a sentence for the user. */
export function splitCommand(line) {
  const words = [];
  let at = 0;
  for (;;) {
    at += line.slice(at).match(/^\s*/)[0].length;
    if (at === line.length) return words;
    WORD.lastIndex = at;
    const word = WORD.exec(line)?.[0];
    if (!word || isUnfinished(line, at + word.length)) {
      throw new SyntaxError('The command has a quote or a backslash that is not finished.');
    }
    words.push(unquote(word));
    at += word.length;
  }
}

/** A word must be followed by a space or the end; else a quote or a backslash stopped it. */
function isUnfinished(line, end) {
  return end < line.length && !/\s/.test(line[end]);
}

function unquote(word) {
  return word.replace(PART, (_, escaped, double, single, plain) => {
    if (double !== undefined) return double.replace(/\\(["\\])/g, '$1');
    return escaped ?? single ?? plain;
  });
}

/** The line that `splitCommand` splits into these words. */
export function joinCommand(words) {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}
