import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createClient } from '@redis/client';
import { openStore } from '../src/store/database.ts';
import type { Store } from '../src/store/store.ts';

/** Opens a store with keys of its own on the server of DATABASE_URL, which go away with the test. */
export async function openTestStore(test: TestContext): Promise<Store> {
  const url = process.env.DATABASE_URL ?? '';
  const prefix = `test_${randomUUID()}:`;
  const store = openStore({ url, poolSize: 4 }, prefix);
  test.after(async () => {
    await store.close();
    const client = await createClient({ url }).connect();
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 })) {
      if (keys.length > 0) {
        await client.unlink(keys);
      }
    }
    client.destroy();
  });
  await store.migrate();
  return store;
}
