import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { CompiledQuery, Kysely } from 'kysely';
import { openStore } from '../src/store/database.ts';
import { createDialect } from '../src/store/dialect.ts';
import type { Store } from '../src/store/store.ts';

/** Opens a migrated store in a database of its own on the server of DATABASE_URL, which goes away with the test. */
export async function openTestStore(test: TestContext): Promise<Store> {
  const url = new URL(process.env.DATABASE_URL ?? '');
  const server = new Kysely({ dialect: createDialect({ url: url.href, poolSize: 1 }) });
  const name = `test_${randomBytes(8).toString('hex')}`;
  await server.executeQuery(CompiledQuery.raw(`CREATE DATABASE ${name}`));
  url.pathname = `/${name}`;
  const store = openStore({ url: url.href, poolSize: 4 });
  test.after(async () => {
    await store.close();
    await server.executeQuery(CompiledQuery.raw(`DROP DATABASE ${name}`));
    await server.destroy();
  });
  await store.migrate();
  return store;
}
