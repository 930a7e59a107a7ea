import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openStore } from '../src/store/database.ts';
import type { Store } from '../src/store/store.ts';

/** Opens a migrated store in a database of its own, which goes away with the test. */
export async function openTestStore(test: TestContext): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'test-'));
  const store = openStore({ url: `sqlite://${folder}/test.db`, poolSize: 4 });
  test.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  await store.migrate();
  return store;
}
