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

const busyTimeout = 3000;
const maxStatements = 500; // more than the resources need, unless changes name very many sets of fields

interface Statement {
  run: StatementSync;
  returnsRows: boolean;
  booleans: string[];
}

/** Kysely on the SQLite of Node.js. Its calls do not wait for anything but the disk, so they run on the event loop. */
export function createDialect(path: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(path),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

class SqliteDriver implements Driver {
  readonly #path: string;
  #connection: SqliteConnection | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#connection ??= new SqliteConnection(this.#path);
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
  readonly #statements = new Map<string, Statement>();

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON');
  }

  /** Waits on a timer while another process writes; SQLite itself would block the event loop. */
  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    for (const deadline = Date.now() + busyTimeout; ; await sleep(10)) {
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
