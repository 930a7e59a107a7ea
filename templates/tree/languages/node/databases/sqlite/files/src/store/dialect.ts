import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Dialect } from 'kysely';
import { createSqliteDialect } from './sqlite.ts';
import { ConflictError, type DatabaseOptions, UnavailableError, UnknownOwnerError } from './store.ts';

/** The database where none is named. */
export const defaultUrl = 'sqlite:data/app.db';

/** A statement that reads the file. */
export const probe = 'PRAGMA schema_version';

export function createDialect({ url }: DatabaseOptions, timeout = Number.POSITIVE_INFINITY): Dialect {
  const path = pathOf(url);
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new Error(`DATABASE_URL names a folder that cannot be made: ${(error as Error).message}`);
  }
  return createSqliteDialect(path, timeout);
}

function pathOf(url: string): string {
  const path = /^sqlite:(?:\/\/(?=\/)|(?!\/\/))([^?\0]*[^?\0/])$/.exec(url)?.[1];
  if (!path || /%(?![0-9a-f]{2})/i.test(path)) {
    throw new Error('DATABASE_URL must be sqlite:///absolute/path or sqlite:relative/path');
  }
  return decodeURIComponent(path);
}

/** Gives an error of the database its meaning. */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error && 'errcode' in error)) {
    return error;
  }
  switch (error.errcode) {
    case 2067: // UNIQUE constraint failed: products.owner_id, products.sku
      return new ConflictError(error.message.slice(error.message.lastIndexOf('.') + 1));
    case 787: // FOREIGN KEY constraint failed
      return new UnknownOwnerError();
  }
  const kind = Number(error.errcode) % 256;
  // busy, locked, read-only, interrupted, input or output, full, cannot be opened
  return [5, 6, 8, 9, 10, 13, 14].includes(kind) ? new UnavailableError(error.message) : error;
}
