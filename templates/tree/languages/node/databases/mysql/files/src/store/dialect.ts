import { type Dialect, MysqlDialect, type MysqlPool, type MysqlPoolConnection } from 'kysely';
import { createPool, type Pool, type PoolConnection, type QueryError, type QueryValues, type TypeCastField } from 'mysql2';
import { ConflictError, type DatabaseOptions, UnavailableError, UnknownOwnerError } from './store.ts';

/** There is no database where none is named. */
export const defaultUrl = '';

export const probe = 'SELECT 1';

// In double quotes names stand in migrations; the messages in English are read below; a lock is given up before the statement.
const settings = `
  SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION',
    lc_messages = 'en_US',
    innodb_lock_wait_timeout = 3
`;

export function createDialect(options: DatabaseOptions, timeout?: number): Dialect {
  const pool = createPool({
    ...parse(options),
    connectionLimit: options.poolSize,
    connectTimeout: timeout ?? 4_000,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    typeCast,
  });
  pool.on('connection', (connection) => {
    connection.query({ sql: settings, timeout }, (error) => error && connection.destroy());
  });
  return new MysqlDialect({ pool: impatient(pool, timeout) });
}

function parse({ url, certificates }: DatabaseOptions) {
  const address = URL.parse(url);
  const database = address?.pathname.slice(1);
  if (address?.protocol !== 'mysql:' || !address.hostname || !database || database.includes('/')) {
    throw malformed();
  }
  const tls = address.searchParams.get('tls') ?? (certificates ? 'true' : 'false');
  if (!['true', 'false', 'skip-verify'].includes(tls) || [...address.searchParams.keys()].some((name) => name !== 'tls')) {
    throw new Error('DATABASE_URL may have one parameter, tls: true, false or skip-verify');
  }
  try {
    return {
      host: address.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: Number(address.port || 3306),
      user: decodeURIComponent(address.username),
      password: decodeURIComponent(address.password),
      database: decodeURIComponent(database),
      ...(tls !== 'false' && {
        ssl: { ...(certificates && { ca: certificates }), rejectUnauthorized: tls === 'true', verifyIdentity: tls === 'true' },
      }),
    };
  } catch {
    throw malformed();
  }
}

function malformed(): Error {
  return new Error('DATABASE_URL must be mysql://user:password@host:3306/database, with names and password percent-encoded');
}

/** Closes a connection that was silent for too long, and repeats a statement that lost a deadlock, if it was a transaction of its own. */
function impatient(pool: Pool, timeout: number | undefined): MysqlPool {
  const wrap = (connection: PoolConnection): MysqlPoolConnection => {
    let inTransaction = false;
    const query = (sql: string, values: QueryValues, callback: (error: QueryError | null, result: unknown) => void) => {
      inTransaction = /^(begin|start transaction)/.test(sql) || (inTransaction && !/^(commit|rollback)/.test(sql));
      connection.query({ sql, values, timeout }, (error, result) => {
        if (error?.errno === 1213 && !inTransaction) {
          query(sql, values, callback);
          return;
        }
        if (error?.code === 'PROTOCOL_SEQUENCE_TIMEOUT') {
          connection.destroy();
        }
        callback(error, result);
      });
    };
    return Object.assign(Object.create(connection), {
      query,
      release: () => connection.release(),
      destroy: () => connection.destroy(),
    });
  };
  return {
    getConnection: (callback) => pool.getConnection((error, connection) => callback(error, connection && wrap(connection))),
    end: (callback) => pool.end(callback),
  };
}

/** Values come as JSON has them. */
function typeCast(field: TypeCastField, next: () => unknown): unknown {
  switch (field.type) {
    case 'TINY':
      return field.length === 1 ? toBoolean(field.string()) : next();
    case 'DATETIME':
      return field.string()?.replace(' ', 'T').concat('Z') ?? null;
  }
  return next();
}

function toBoolean(text: string | null): boolean | null {
  return text === null ? null : text === '1';
}

/** Gives an error of the database its meaning. */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) {
    return error;
  }
  const number = 'errno' in error ? Number(error.errno) : 0;
  if (number === 1062) {
    const key = /'(?:[^']*\.)?unique_([^']*)'$/.exec(error.message)?.[1] ?? ''; // Duplicate entry '…' for key 'products.unique_sku'
    return new ConflictError(key);
  }
  if (number === 1452) {
    return new UnknownOwnerError();
  }
  // disk full, sign-in, shutdown, no such database, too many, waited for a lock, read-only, interrupted, killed, disconnected
  const isAway = [1021, 1040, 1044, 1045, 1049, 1053, 1114, 1203, 1205, 1290, 1317, 1836, 1927, 4031].includes(number);
  const isLost = /^(E[A-Z]+|PROTOCOL_.*|.*(CERT|TLS|SSL|HANDSHAKE).*)$/.test(String(error.code));
  return isAway || isLost ? new UnavailableError(error.message) : error;
}
