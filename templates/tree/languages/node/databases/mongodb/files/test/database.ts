import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Db } from 'mongodb';
import { createClient } from '../src/store/client.ts';
import { openStore } from '../src/store/database.ts';
import type { Store } from '../src/store/store.ts';

const options = { url: process.env.DATABASE_URL ?? '', poolSize: 4 };

/** A database of its own on the server of DATABASE_URL, which goes away with the test. */
export function openTestDatabase(test: TestContext): Db {
  const client = createClient(options);
  const database = client.db(`test_${randomBytes(8).toString('hex')}`);
  test.after(async () => {
    await database.dropDatabase();
    await client.close();
  });
  return database;
}

/** A migrated store in such a database. */
export async function openTestStore(test: TestContext): Promise<Store> {
  const store = openStore(options, openTestDatabase(test).databaseName);
  test.after(() => store.close());
  await store.migrate();
  return store;
}
