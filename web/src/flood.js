// Output that comes faster than the terminal draws. A WebSocket can't be told to wait, and xterm.js throws beyond 50 MB of
// unwritten output: above a mark the middle of it is left out, and the end of it always shown.

export const LIMITS = { startLeavingOut: 16 << 20, writeAgain: 2 << 20, keepOfTheEnd: 1 << 20 };

/** A `write(bytes)` over `write(data, done)` of a terminal, which calls `done` when it has drawn the data. */
export function boundedWriter(write, limits = LIMITS) {
  let waiting = 0;
  let end = [];
  let endBytes = 0;
  let leftOut = 0;

  const hold = (bytes) => {
    end.push(bytes);
    endBytes += bytes.length;
    while (endBytes - end[0].length >= limits.keepOfTheEnd) {
      const oldest = end.shift();
      endBytes -= oldest.length;
      leftOut += oldest.length;
    }
  };
  const flush = () => {
    const held = end;
    if (leftOut > 0) write(`\r\n\x1b[0;2m[${(leftOut / 1e6).toFixed(1)} MB left out: the browser could not keep up]\x1b[0m\r\n`);
    [end, endBytes, leftOut] = [[], 0, 0];
    held.forEach(pass);
  };
  const drawn = (length) => {
    waiting -= length;
    if (end.length > 0 && waiting <= limits.writeAgain) flush();
  };
  const pass = (bytes) => {
    waiting += bytes.length;
    write(bytes, () => drawn(bytes.length));
  };
  return (bytes) => (end.length > 0 || waiting > limits.startLeavingOut ? hold(bytes) : pass(bytes));
}
