import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompiledQuery, Kysely } from 'kysely';
import { openStore } from '../src/store/database.ts';
import { createDialect } from '../src/store/dialect.ts';

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

test('a connection is prepared once', async (context) => {
  const server = new Kysely({ dialect: createDialect({ url: process.env.DATABASE_URL ?? '', poolSize: 1 }) });
  context.after(() => server.destroy());
  await server.executeQuery(CompiledQuery.raw('SET SESSION innodb_lock_wait_timeout = 7'));
  const { rows } = await server.executeQuery(CompiledQuery.raw('SELECT @@innodb_lock_wait_timeout AS seconds'));
  assert.deepEqual(rows, [{ seconds: 7 }]);
});
