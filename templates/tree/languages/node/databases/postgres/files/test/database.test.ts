import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompiledQuery, Kysely } from 'kysely';
import { openStore } from '../src/store/database.ts';
import { createDialect } from '../src/store/dialect.ts';

for (const url of [
  'postgres://u:p%40ss@localhost:5432/shop?sslmode=verify-full',
  'postgresql://u@[::1]/shop',
  'postgres://u:p@/shop?host=/run/postgresql',
]) {
  test(`${url} is taken`, async () => {
    await openStore({ url, poolSize: 1 }).close();
  });
}

const malformed = [
  'mysql://u:secret@localhost/shop',
  'postgres://u:secret@localhost:70000/shop',
  'postgres://u:sec%zzret@localhost/shop',
  'postgres:///secret',
  'postgres://u:secret@localhost/shop?sslmode=secret',
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
  await server.executeQuery(CompiledQuery.raw("SET timezone = 'Asia/Tokyo'"));
  const { rows } = await server.executeQuery(CompiledQuery.raw('SHOW timezone'));
  assert.deepEqual(rows, [{ TimeZone: 'Asia/Tokyo' }]);
});
