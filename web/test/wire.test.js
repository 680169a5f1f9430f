import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PIECE_BYTES, execPath, inputMessages, readMessage, resizeMessage } from '../src/wire.js';

const bytes = (text) => new TextEncoder().encode(text);

test('messages are those of base64.channel.k8s.io', () => {
  assert.deepEqual([...inputMessages(bytes('foo\n'))], ['0Zm9vCg==']);
  assert.equal(resizeMessage({ columns: 80, rows: 24 }), '4eyJXaWR0aCI6ODAsIkhlaWdodCI6MjR9');
  assert.deepEqual(readMessage('1Cg=='), { channel: '1', bytes: bytes('\n') });
  assert.deepEqual(readMessage('14pyT'), { channel: '1', bytes: bytes('✓') });
  assert.deepEqual(readMessage('1'), { channel: '1', bytes: bytes('') });
});

test('a large paste is cut into pieces that give the same bytes', () => {
  const paste = bytes('漢字 ✓ '.repeat(5000));
  const messages = [...inputMessages(paste)];
  assert.equal(messages.length, Math.ceil(paste.length / PIECE_BYTES));
  const read = messages.map((message) => Buffer.from(message.slice(1), 'base64'));
  assert.deepEqual(Buffer.concat(read), Buffer.from(paste));
});

test('the URL is the exec of the API server under the name of the cluster', () => {
  const target = { cluster: 'alpha', namespace: 'default', pod: 'web-0', container: 'app', command: ['sh', '-c', 'a b&c'] };
  assert.equal(
    execPath(target),
    '/clusters/alpha/api/v1/namespaces/default/pods/web-0/exec' +
      '?command=sh&command=-c&command=a+b%26c&container=app&stdin=1&stdout=1&stderr=1&tty=1',
  );
  assert.doesNotMatch(execPath({ ...target, container: '' }), /container=/);
});
