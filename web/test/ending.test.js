import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeEnding } from '../src/ending.js';

const ending = (fields) => describeEnding({ reason: '', statusText: '', opened: true, byUser: false, ...fields });

test('the exit code is read from the reason, else from channel 3, else it is 0', () => {
  const status = 'command terminated with non-zero exit code: command terminated with exit code 7';
  for (const fields of [{ reason: 'command terminated with exit code 7' }, { statusText: status }]) {
    const { state, exitCode } = ending({ code: 1000, ...fields });
    assert.deepEqual({ state, exitCode }, { state: 'exited', exitCode: 7 });
  }
  assert.equal(ending({ code: 1000 }).exitCode, 0);
  assert.equal(ending({ code: 1000, reason: 'exit code 0' }).exitCode, 0);
});

test('the last exit code counts: a command line may contain the words too', () => {
  const statusText = 'error executing command [sh -c echo exit code 3; exit 7], exit code 7';
  assert.equal(ending({ code: 1000, statusText }).exitCode, 7);
});

test('a refusal is told in the words of the server, after ours', () => {
  const refused = ending({ code: 4403, reason: 'user "bob" may not exec in pod "vault"' });
  assert.deepEqual(refused, {
    state: 'closed',
    code: 4403,
    headline: 'You may not do this',
    detail: 'User "bob" may not exec in pod "vault".',
  });
  assert.match(ending({ code: 4401 }).detail, /Log in/);
  assert.equal(ending({ code: 4418 }).headline, 'Refused (HTTP 418)');
});

test('a connection that never opened is told apart from one that was lost', () => {
  assert.match(ending({ code: 1006, opened: false }).detail, /not reachable|allowedOrigins/);
  assert.equal(ending({ code: 1006 }).headline, 'The connection was lost');
});

test('1000 with a message that is no exit code is a command that did not run', () => {
  const failed = ending({ code: 1000, statusText: 'error executing command: no such file' });
  assert.equal(failed.state, 'closed');
  assert.match(failed.detail, /no such file/);
});

test('Disconnect is no failure, whatever code comes back', () => {
  for (const code of [1000, 1005, 1006]) assert.equal(ending({ code, byUser: true }).headline, 'Disconnected');
});
