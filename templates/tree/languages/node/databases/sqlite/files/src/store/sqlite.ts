import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type LimitNode,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

const maxStatements = 500; // more than the resources need, unless changes name very many sets of fields

interface Statement {
  run: StatementSync;
  columns: Column[];
}

interface Column {
  name: string;
  isBoolean: boolean;
}

/** Kysely on the SQLite of Node.js. A statement waits for nothing but the disk, so it runs on the event loop. */
export function createSqliteDialect(path: string, busyTimeout: number): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new SqliteDriver(path, busyTimeout),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new QueryCompiler(),
  };
}

/** SQLite compiles a statement anew for every value of a parameter that is the limit itself. */
class QueryCompiler extends SqliteQueryCompiler {
  protected override visitLimit({ limit }: LimitNode): void {
    this.append('limit +');
    this.visitNode(limit);
  }
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
    if (statement.columns.length === 0) {
      return { rows: [], numAffectedRows: BigInt(statement.run.run(...values).changes) };
    }
    const rows = statement.run.all(...values) as unknown as SQLOutputValue[][];
    return { rows: rows.map((row) => toObject(statement.columns, row) as R) };
  }

  /** Keeps statements, since SQLite takes longer to compile one than to run it. */
  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      const run = this.#database.prepare(sql);
      run.setReturnArrays(true);
      statement = { run, columns: run.columns().map(({ name, type }) => ({ name, isBoolean: type === 'BOOLEAN' })) };
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

/** Makes an ordinary object: those that Node.js makes of rows take longer to make and to read. */
function toObject(columns: Column[], values: SQLOutputValue[]): object {
  const object: Record<string, unknown> = {};
  columns.forEach(({ name, isBoolean }, index) => {
    const value = values[index];
    object[name] = isBoolean && value !== null ? value === 1 : value;
  });
  return object;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5;
}
