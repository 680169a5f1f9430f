import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccountError, logIn, logOut } from '../src/account.js';

/** A server that answers so; what it was asked is in `asked`. */
function server(status, body) {
  const asked = [];
  const fetch = async (path, options) => {
    asked.push([path, options]);
    return new Response(body, { status });
  };
  return { asked, fetch };
}

test('a login posts the token as JSON, and says nothing when it is accepted', async () => {
  const { asked, fetch } = server(204, null);
  await logIn('s3cret"', fetch);
  const [[path, options]] = asked;
  assert.deepEqual([path, options.method, options.headers], ['login', 'POST', { 'content-type': 'application/json' }]);
  assert.deepEqual(JSON.parse(options.body), { token: 's3cret"' });
});

test('a refused login fails with the words of the server as a sentence', async () => {
  const { fetch } = server(401, JSON.stringify({ message: 'this token is not accepted' }));
  await assert.rejects(logIn('x', fetch), { message: 'This token is not accepted.', constructor: AccountError });
  await assert.rejects(logIn('x', server(502, '<h1>Bad Gateway</h1>').fetch), { message: 'execgate answered 502.' });
});

test('a server that does not answer is told apart from one that refuses', async () => {
  const fetch = () => Promise.reject(new TypeError('Failed to fetch'));
  await assert.rejects(logOut(fetch), { message: 'execgate does not answer. Is it running? Then try again.' });
});
