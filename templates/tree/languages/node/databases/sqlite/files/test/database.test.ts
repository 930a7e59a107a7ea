import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../src/store/database.ts';

for (const url of ['sqlite:/tmp/test.db', 'sqlite:data/test%20.db']) {
  test(`${url} is taken`, async () => {
    await openStore({ url, poolSize: 1 }).close();
  });
}

const malformed = [
  'postgres://u:secret@localhost/shop',
  'sqlite:',
  'sqlite://relative/secret.db',
  'sqlite:data/',
  'sqlite:a.db?secret=1',
  'sqlite:%secret',
];

for (const url of malformed) {
  test(`${url} is refused`, () => {
    assert.throws(
      () => openStore({ url, poolSize: 1 }),
      ({ message }: Error) => message.startsWith('DATABASE_URL') && !message.includes('secret'),
    );
  });
}
