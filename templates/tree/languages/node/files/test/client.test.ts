import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientAddress, network } from '../src/client.ts';

const cases: [forwarded: string | undefined, trustedProxies: number, expected: string][] = [
  ['1.1.1.1', 0, '192.0.2.1'],
  [undefined, 1, '192.0.2.1'],
  ['1.1.1.1, 2.2.2.2', 1, '2.2.2.2'],
  ['1.1.1.1, 2.2.2.2', 2, '1.1.1.1'],
  ['1.1.1.1', 3, '1.1.1.1'],
  ['nonsense', 1, '192.0.2.1'],
  ['1.1.1.1:443', 1, '1.1.1.1'],
  ['[2001:db8::1]:443', 1, '2001:db8::1'],
  ['::ffff:1.1.1.1', 1, '1.1.1.1'],
];

for (const [forwarded, trustedProxies, expected] of cases) {
  test(`${forwarded} behind ${trustedProxies} proxies`, () => {
    assert.equal(clientAddress('::ffff:192.0.2.1', forwarded, trustedProxies), expected);
  });
}

test('networks', () => {
  assert.equal(network('192.0.2.1'), '192.0.2.1');
  assert.equal(network('2001:db8::1'), network('2001:db8::2'));
  assert.notEqual(network('2001:db8::1'), network('2001:db8:0:1::1'));
});
