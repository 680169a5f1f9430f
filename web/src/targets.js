// What the user may reach, as the server lists it.
import { HOW_TO_LOG_IN } from './ending.js';

/** Why there is no list: `headline` and `detail` are for the state line. */
export class TargetsError extends Error {
  constructor(headline, detail) {
    super(headline);
    this.headline = headline;
    this.detail = detail;
  }
}

/** `{user, groups, clusters, commands}`, or a `TargetsError`. */
export async function fetchTargets() {
  const answer = await fetch('targets', { headers: { accept: 'application/json' } }).catch(() => {
    throw new TargetsError('execgate does not answer', 'Is it running? Then try again.');
  });
  if (answer.status === 401) throw new TargetsError('You are not logged in', HOW_TO_LOG_IN);
  if (!answer.ok) {
    throw new TargetsError('No list of pods', `execgate answered ${answer.status} ${answer.statusText}.`);
  }
  return answer.json();
}
