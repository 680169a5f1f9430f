// Who runs on this machine, where the demo's shells are.
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Waits until so many processes have `word` in their environment as `met` wants. */
export async function untilRunning(word, met) {
  let found = [];
  for (let tries = 0; tries < 300; tries += 1) {
    found = await having(word);
    if (met(found.length)) return;
    await pause(50);
  }
  throw new Error(`${found.length} processes have ${word} in their environment: ${found.join(', ')}`);
}

async function having(word) {
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const has = async (number) => {
    // It may have ended meanwhile, or be somebody else's.
    const environment = await readFile(`/proc/${number}/environ`, 'utf8').catch(() => '');
    return environment.includes(word);
  };
  const found = await Promise.all(numbers.map(has));
  return numbers.filter((_, index) => found[index]);
}
