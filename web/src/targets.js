// What the user may reach, as the server lists it: the clusters at once, the pods of one when it is chosen.
import { reasonOf } from './account.js';

/** Why there is no list: `headline` and `detail` are for the state line. */
export class TargetsError extends Error {
  constructor(headline, detail) {
    super(headline);
    this.headline = headline;
    this.detail = detail;
  }
}

/** Nobody is logged in, or not any more. */
export class LoggedOutError extends TargetsError {
  constructor() {
    super('You are not logged in', 'Log in to see what you may open.');
  }
}

/** `{user, groups, clusters: [{name}], commands}`, or a `TargetsError`. */
export function fetchTargets(fetch = globalThis.fetch) {
  return read('targets', 'No list of clusters', fetch);
}

/** `{pods: [{namespace, name, containers}], more, problem}` of a cluster, or a `TargetsError`. */
export function fetchPods(cluster, fetch = globalThis.fetch) {
  return read(`targets/${encodeURIComponent(cluster)}`, `No list of pods of ${cluster}`, fetch);
}

async function read(path, headline, fetch) {
  const answer = await fetch(path, { headers: { accept: 'application/json' } }).catch(() => {
    throw new TargetsError('execgate does not answer', 'Is it running? Then try again.');
  });
  if (answer.status === 401) throw new LoggedOutError();
  if (!answer.ok) throw new TargetsError(headline, await reasonOf(answer));
  return answer.json();
}

/** What to tell of a cluster's list besides the list: `{headline, detail}`, or null. */
export function remarkOn(cluster, { pods, more, problem }) {
  if (problem) return { headline: 'Some pods are missing', detail: `${problem[0].toUpperCase()}${problem.slice(1)}.` };
  if (more) return { headline: 'Not all pods are listed', detail: `${cluster} has more than these ${pods.length}; a link opens the others.` };
  if (pods.length === 0) return { headline: 'No pods', detail: `On ${cluster} nothing runs that you may open.` };
  return null;
}
