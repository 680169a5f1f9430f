import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoggedOutError, TargetsError, fetchPods, fetchTargets, remarkOn } from '../src/targets.js';

const answering = (status, body) => async (path) => Object.assign(new Response(JSON.stringify(body), { status }), { path });

test('the clusters come first and the pods of one when they are asked for', async () => {
  const asked = [];
  const fetch = async (path) => {
    asked.push(path);
    return new Response('{"pods":[]}');
  };
  await fetchTargets(fetch);
  assert.deepEqual(await fetchPods('prod.eu', fetch), { pods: [] });
  assert.deepEqual(asked, ['targets', 'targets/prod.eu']);
});

test('who is not logged in is told apart from a cluster that does not answer', async () => {
  await assert.rejects(fetchTargets(answering(401, {})), LoggedOutError);
  const fetch = answering(504, { message: 'cluster "beta" did not answer within 10s' });
  await assert.rejects(fetchPods('beta', fetch), {
    constructor: TargetsError,
    headline: 'No list of pods of beta',
    detail: 'Cluster "beta" did not answer within 10s.',
  });
  const dead = () => Promise.reject(new TypeError('Failed to fetch'));
  await assert.rejects(fetchTargets(dead), { headline: 'execgate does not answer' });
});

test('a list that is not whole or empty is remarked on, and another is not', () => {
  const pods = [{ namespace: 'default', name: 'web-0', containers: ['app'] }];
  assert.equal(remarkOn('alpha', { pods, more: false }), null);
  assert.equal(remarkOn('alpha', { pods: [], more: false }).headline, 'No pods');
  assert.equal(remarkOn('alpha', { pods, more: true }).headline, 'Not all pods are listed');
  const problem = 'cluster "alpha" refused (403): no';
  assert.deepEqual(remarkOn('alpha', { pods, more: false, problem }), {
    headline: 'Some pods are missing',
    detail: 'Cluster "alpha" refused (403): no.',
  });
});
