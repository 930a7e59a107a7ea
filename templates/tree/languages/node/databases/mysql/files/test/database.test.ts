import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../src/store/database.ts';

for (const url of ['mysql://u:p%40ss@localhost:3306/shop?tls=true', 'mysql://u@[::1]/shop']) {
  test(`${url} is taken`, async () => {
    await openStore({ url, poolSize: 1 }).close();
  });
}

const malformed = [
  'postgres://u:secret@localhost/shop',
  'mysql://u:secret@localhost',
  'mysql://u:secret@localhost:70000/shop',
  'mysql://u:sec%zzret@localhost/shop',
  'mysql://u:12/secret@localhost/shop',
  'mysql://u:secret@localhost/shop?tls=some',
  'mysql://u:secret@localhost/shop?ssl-mode=secret',
];

for (const url of malformed) {
  test(`${url} is refused`, () => {
    assert.throws(
      () => openStore({ url, poolSize: 1 }),
      ({ message }: Error) => message.startsWith('DATABASE_URL') && !message.includes('secret'),
    );
  });
}
