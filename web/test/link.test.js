import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLink, parseLink } from '../src/link.js';

test('a link reads back as it was written', () => {
  const target = { cluster: 'alpha', namespace: 'default', pod: 'web-0', container: 'app', command: ['sh', '-c', 'a & b=漢'] };
  assert.deepEqual(parseLink(formatLink(target)), target);
});

test('container and command may be missing', () => {
  const link = { cluster: 'alpha', namespace: 'default', pod: 'web-0', container: '', command: [] };
  assert.deepEqual(parseLink('#alpha/default/web-0'), link);
  assert.deepEqual(parseLink('#alpha/default/web-0/app?command=sh'), { ...link, container: 'app', command: ['sh'] });
});

test('what names no pod is no link', () => {
  for (const hash of ['', '#', '#alpha', '#alpha/default', '#alpha//web-0', '#a/b/c/d/e', '#alpha/default/%zz']) {
    assert.equal(parseLink(hash), null, hash);
  }
});
