import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { ErrorReply } from '@redis/client';
import { explain } from '../src/store/connection.ts';
import { openStore } from '../src/store/database.ts';
import { ConflictError, UnavailableError } from '../src/store/store.ts';
import { openTestStore } from './database.ts';

for (const url of ['redis://localhost', 'redis://localhost:6379/3', 'redis://:p%40ss@[::1]:6379/0', 'rediss://user:password@localhost/0']) {
  test(`${url} is taken`, async () => {
    await openStore({ url, poolSize: 1 }).close();
  });
}

for (const url of [
  'redis:///0',
  'redis://localhost/secret',
  'redis://localhost/-1',
  'redis://localhost/0?password=secret',
  'redis://:secret#@localhost/0',
  'redis://user:1/secret@localhost/0',
  'redis://user:%secret@localhost/0',
  'postgres://user:secret@localhost/db',
]) {
  test(`${url} is refused`, () => {
    assert.throws(() => openStore({ url, poolSize: 1 }), /^Error: DATABASE_URL (?!.*secret)/);
  });
}

test('errors of the server', () => {
  const conflict = explain(new ErrorReply('CONFLICT sku'));
  assert.ok(conflict instanceof ConflictError && conflict.field === 'sku');
  for (const message of ["OOM command not allowed when used memory > 'maxmemory'.", '-LOADING Redis is loading the dataset in memory']) {
    assert.ok(explain(new ErrorReply(message)) instanceof UnavailableError, message);
  }
  const fault = new ErrorReply('ERR syntax error');
  assert.equal(explain(fault), fault);
});

test('a server that does not answer', async (context) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const store = openStore({ url: `redis://127.0.0.1:${port}`, poolSize: 1 });
  await assert.rejects(store.ping(), UnavailableError);
  server.close();
  await assert.rejects(store.ping(), UnavailableError);
});

test('an e-mail address that several take at once', async (context) => {
  const { accounts } = await openTestStore(context);
  const account = { email: 'ada@example.com', password_hash: '', created_at: new Date().toISOString() };
  const attempts = Array.from({ length: 10 }, () => accounts.create({ id: randomUUIDv7(), ...account }));
  const outcomes = await Promise.allSettled(attempts);
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
});
