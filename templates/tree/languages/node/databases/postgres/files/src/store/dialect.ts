import type { ConnectionOptions } from 'node:tls';
import { type Dialect, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import { DatabaseError, Pool, types } from 'pg';
import { ConflictError, type DatabaseOptions, UnavailableError, UnknownOwnerError } from './store.ts';

/** There is no database where none is named. */
export const defaultUrl = '';

export const probe = 'SELECT 1';

export function createDialect(options: DatabaseOptions, timeout?: number): Dialect {
  return new PostgresDialect({ pool: new ImpatientPool(options, timeout) });
}

/** A pool that closes a connection which broke or was silent for too long, and that can do without TLS where the mode allows it. */
class ImpatientPool implements PostgresPool {
  readonly options: object;
  readonly #pool: Pool;
  #mayFallBack: boolean;

  constructor({ url, poolSize, certificates }: DatabaseOptions, timeout: number | undefined) {
    const { address, mode } = parse(url);
    this.#mayFallBack = ['allow', 'prefer'].includes(mode);
    this.#pool = new Pool({
      connectionString: address.href,
      ssl: tls(mode, certificates),
      max: poolSize,
      connectionTimeoutMillis: timeout ?? 4_000,
      query_timeout: timeout,
      types: { getTypeParser },
      onConnect: (client) => client.query(`SET timezone = 'UTC'; SET datestyle = 'ISO'; SET statement_timeout = ${timeout ?? 0}`),
    });
    // A connection in use that breaks fails its query, too; an idle one is dropped by the pool.
    this.#pool.on('connect', (client) => client.on('error', () => undefined));
    this.#pool.on('error', () => undefined);
    this.options = this.#pool.options;
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#pool.connect().catch((error: Error) => {
      if (!this.#mayFallBack || !error.message.includes('does not support SSL')) {
        throw error;
      }
      this.#mayFallBack = false;
      this.#pool.options.ssl = false;
      return this.#pool.connect();
    });
    let broken = false;
    const query = async (text: string, values: unknown[]) => {
      try {
        return await client.query(text, values);
      } catch (error) {
        broken ||= !(error instanceof DatabaseError);
        throw error;
      }
    };
    return Object.assign(Object.create(client), { query, release: (destroy?: boolean) => client.release(destroy || broken) });
  }

  end(): Promise<void> {
    return this.#pool.end();
  }
}

/** Takes the mode out of the URL, since the driver gives it another meaning than libpq. */
function parse(url: string): { address: URL; mode: string } {
  const address = URL.parse(url.replace('@/', '@localhost/')); // the host may be a parameter: the folder of a socket
  try {
    decodeURIComponent(`${address?.username}${address?.password}${address?.pathname}`);
  } catch {
    throw malformed();
  }
  const host = address?.hostname || address?.searchParams.get('host');
  if (!address || !['postgres:', 'postgresql:'].includes(address.protocol) || !host) {
    throw malformed();
  }
  const mode = address.searchParams.get('sslmode') ?? 'prefer';
  if (!['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'].includes(mode)) {
    throw new Error('DATABASE_URL has an unknown sslmode');
  }
  address.searchParams.delete('sslmode');
  return { address, mode };
}

function malformed(): Error {
  return new Error('DATABASE_URL must be postgres://user:password@host:5432/database, with names and password percent-encoded');
}

/** What libpq does in each mode: without certificates to trust, `require` encrypts and believes anybody. */
function tls(mode: string, certificates: string | undefined): ConnectionOptions | false {
  if (mode === 'disable') {
    return false;
  }
  if (mode === 'verify-full') {
    return { ca: certificates };
  }
  if (mode === 'verify-ca' || (mode === 'require' && certificates)) {
    return { ca: certificates, checkServerIdentity: () => undefined };
  }
  return { rejectUnauthorized: false };
}

/** Values come as JSON has them. */
function getTypeParser(type: number, format?: 'text' | 'binary') {
  switch (type) {
    case types.builtins.INT8:
      return Number;
    case types.builtins.DATE:
      return String;
    case types.builtins.TIMESTAMPTZ: // 2026-11-20 10:23:00.1+00
      return (text: string) => {
        const [second = '', fraction = ''] = text.replace('+00', '').split('.');
        return `${second.replace(' ', 'T')}.${fraction.padEnd(3, '0')}Z`;
      };
  }
  return types.getTypeParser(type, format);
}

/** Gives an error of the database its meaning. */
export function explain(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  if (!(error instanceof DatabaseError)) {
    // Of the network or TLS, by its code; of the driver, which waited too long or lost the connection, by its words.
    const isLost = 'code' in error ? /^E[A-Z]+$|CERT|TLS|SSL/.test(String(error.code)) : /timeout|terminated|SSL/.test(error.message);
    return isLost ? new UnavailableError(error.message) : error;
  }
  const { code = '', detail = '' } = error;
  if (code === '23505') {
    const columns = /^Key \((.*?)\)=/.exec(detail)?.[1] ?? ''; // Key (owner_id, sku)=(…) already exists.
    return new ConflictError(columns.slice(columns.lastIndexOf(' ') + 1).replaceAll('"', ''));
  }
  if (code === '23503') {
    return new UnknownOwnerError();
  }
  // The connection, the sign-in, no resources left, the operator; read-only, no such database, a lock, too slow.
  return /^(08|28|53|57|25006|3D000|55P03)/.test(code) ? new UnavailableError(error.message) : error;
}
