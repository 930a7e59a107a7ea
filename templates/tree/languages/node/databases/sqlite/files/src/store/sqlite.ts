import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

const maxStatements = 500; // more than the resources need, unless changes name very many sets of fields

interface Statement {
  run: StatementSync;
  returnsRows: boolean;
  booleans: string[];
}

/** Kysely on the SQLite of Node.js. A statement waits for nothing but the disk, so it runs on the event loop. */
export function createSqliteDialect(path: string, busyTimeout: number): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new SqliteDriver(path, busyTimeout),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** All migrations are one transaction, for which others wait. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class SqliteDriver implements Driver {
  readonly #path: string;
  readonly #busyTimeout: number;
  #connection: SqliteConnection | undefined;

  constructor(path: string, busyTimeout: number) {
    this.#path = path;
    this.#busyTimeout = busyTimeout;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= new SqliteConnection(this.#path, this.#busyTimeout);
    return this.#connection;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('BEGIN IMMEDIATE'));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('COMMIT'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('ROLLBACK'));
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {
    this.#connection?.close();
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #busyTimeout: number;
  readonly #statements = new Map<string, Statement>();

  constructor(path: string, busyTimeout: number) {
    this.#busyTimeout = busyTimeout;
    this.#database = new DatabaseSync(path);
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  }

  /** Waits on a timer while another process writes; SQLite itself would block the event loop. */
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    for (const deadline = Date.now() + this.#busyTimeout; ; await sleep(10)) {
      try {
        return this.#execute(sql, parameters);
      } catch (error) {
        if (!isBusy(error) || Date.now() > deadline) {
          throw error;
        }
      }
    }
  }

  #execute<R>(sql: string, parameters: readonly unknown[]): QueryResult<R> {
    const statement = this.#prepare(sql);
    const values = parameters.map((value) => (typeof value === 'boolean' ? Number(value) : value)) as (string | number | null)[];
    if (!statement.returnsRows) {
      return { rows: [], numAffectedRows: BigInt(statement.run.run(...values).changes) };
    }
    const rows: Record<string, unknown>[] = statement.run.all(...values);
    for (const row of rows) {
      for (const name of statement.booleans) {
        row[name] = row[name] === null ? null : row[name] === 1;
      }
    }
    return { rows: rows as R[] };
  }

  /** Keeps statements, since SQLite takes longer to compile one than to run it. */
  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      const run = this.#database.prepare(sql);
      const columns = run.columns();
      const booleans = columns.filter(({ type }) => type === 'BOOLEAN').map(({ name }) => name);
      statement = { run, returnsRows: columns.length > 0, booleans };
      if (this.#statements.size < maxStatements) {
        this.#statements.set(sql, statement);
      }
    }
    return statement;
  }

  // biome-ignore lint/correctness/useYield: no query is streamed
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('SQLite streams no rows');
  }

  close(): void {
    this.#database.close();
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5;
}
