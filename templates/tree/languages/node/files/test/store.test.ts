import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError } from '../src/store/store.ts';
import { openTestStore } from './database.ts';

test('of two accounts with one e-mail address, the second is refused', async (context) => {
  const store = await openTestStore(context);
  const account = (id: string) => ({ id, email: 'ada@example.com', password_hash: '', created_at: '2026-11-20T10:23:00.100Z' });
  const first = account('0190f3a0-5b1e-7c3a-9a52-6d6f4c1b2a3d');
  await store.accounts.create(first);
  await assert.rejects(store.accounts.create(account('0190f3a0-5b1e-7c3a-9a52-6d6f4c1b2a3e')), (error) => {
    const cause = store.explain(error);
    return cause instanceof ConflictError && cause.field === 'email';
  });
  assert.deepEqual({ ...(await store.accounts.findByEmail('ada@example.com')) }, first);
});

test('migrations may run again, and two at once', async (context) => {
  const store = await openTestStore(context);
  await Promise.all([store.migrate(), store.migrate()]);
  await store.ping();
});
