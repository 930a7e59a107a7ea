import { readdir } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Tables } from './tables.ts';

const folder = new URL('./migrations/', import.meta.url);

/** Runs the migrations that the database has not seen, in the order of their names. */
export async function migrate(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db: database, provider: { getMigrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) {
    throw error;
  }
}

async function getMigrations(): Promise<Record<string, Migration>> {
  const files = await readdir(folder);
  const modules = files.map(async (file) => [file.replace(/\.ts$/, ''), await import(new URL(file, folder).href)]);
  return Object.fromEntries(await Promise.all(modules));
}
