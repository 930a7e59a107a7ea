import { readdir } from 'node:fs/promises';
import { type Dialect, Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';

const folder = new URL('./migrations/', import.meta.url);

/** Runs the migrations that the database has not seen, in the order of their names. */
export async function migrate(dialect: Dialect): Promise<void> {
  const database = new Kysely({ dialect });
  try {
    const { error } = await new Migrator({ db: database, provider: { getMigrations } }).migrateToLatest();
    if (error) {
      throw error;
    }
  } finally {
    await database.destroy();
  }
}

async function getMigrations(): Promise<Record<string, Migration>> {
  const files = await readdir(folder);
  const migrations = files.map(async (file) => [file.replace(/\.ts$/, ''), await import(new URL(file, folder).href)]);
  return Object.fromEntries(await Promise.all(migrations));
}
