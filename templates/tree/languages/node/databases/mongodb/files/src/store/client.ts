import { MongoClient, MongoError, MongoInvalidArgumentError, MongoServerError } from 'mongodb';
import { ConflictError, type DatabaseOptions, UnavailableError } from './store.ts';

/** Bounds each of the two attempts that the driver makes, so that a lost database is noticed in time. */
const timeout = 2_000;

/** Prepares the connections; it does not connect yet. */
export function createClient({ url, poolSize, certificates }: DatabaseOptions, socketTimeout = timeout): MongoClient {
  try {
    const client = new MongoClient(url, {
      maxPoolSize: poolSize,
      maxAdaptiveRetries: 0,
      connectTimeoutMS: timeout,
      serverSelectionTimeoutMS: timeout,
      socketTimeoutMS: socketTimeout,
      waitQueueTimeoutMS: timeout,
      ...(certificates && { tls: true, ca: certificates }),
    });
    if (/[/\\. "$]/.test(client.options.dbName)) {
      throw new Error('no database can have this name'); // a slash in a password may have led here
    }
    return client;
  } catch {
    // The cause may quote the password.
    throw new Error('DATABASE_URL must be mongodb://user:password@host:27017/database?options, with names and password percent-encoded');
  }
}

/** The database where the URL names none: the driver would take `test`. */
export function defaultName(url: string): string | undefined {
  return /^[^/]*\/\/[^/?]*\/[^?]/.test(url) ? undefined : 'app';
}

/** The codes with which a server says that it cannot serve now. */
// biome-ignore format: a line per reason
const away = [
  6, 7, 89, 133, 9001, // a router does not reach the servers behind it
  10107, 13435, 13436, // it is not the primary
  189, 11602, // it is the primary no longer
  91, 11600, // it is shutting down
  64, 100, // too few servers confirm a write
  18, // the credentials are refused
  262, // it took too long
  14031, // its disk is full
];

/** Gives an error of the database its meaning. */
export function explain(error: unknown): unknown {
  // The driver passes on errors of sockets: EPIPE, ECONNRESET.
  if (error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code))) {
    return new UnavailableError(error.message);
  }
  if (!(error instanceof MongoError) || error instanceof MongoInvalidArgumentError) {
    return error;
  }
  if (error.code === 11000) {
    // E11000 duplicate key error collection: app.products index: sku dup key: { owner_id: …, sku: "Blue" }
    return new ConflictError(/ index: (\S+) dup key/.exec(error.message)?.[1] ?? '');
  }
  return !(error instanceof MongoServerError) || away.includes(Number(error.code)) ? new UnavailableError(error.message) : error;
}
