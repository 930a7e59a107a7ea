import assert from 'node:assert/strict';
import { createClient, DisconnectsClientError, ErrorReply, RESP_TYPES } from '@redis/client';
import { scripts } from './scripts.ts';
import { ConflictError, type DatabaseOptions, UnavailableError } from './store.ts';

/** Bounds every command, so that a lost database is noticed in time. */
const timeout = 4_000;

/** Errors of a server that lives, but cannot serve now. */
const unavailable =
  /\b(BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|NOAUTH|NOREPLICAS|OOM|READONLY|TRYAGAIN|WRONGPASS) |max number of clients/;

type Client = ReturnType<typeof prepare>;

function prepare({ url, certificates }: DatabaseOptions, keyPrefix: string) {
  const client = createClient({
    url,
    keyPrefix,
    scripts,
    commandOptions: { typeMapping: { [RESP_TYPES.MAP]: Map } },
    maintNotifications: 'disabled',
    socket: {
      // Less than the timeout, so that what is destroyed after it is no longer connecting.
      connectTimeout: timeout / 2,
      reconnectStrategy: false,
      ...(url.startsWith('rediss:') && { tls: true, ca: certificates }),
    },
  });
  return client.on('error', () => undefined); // what waits for it is told anyway
}

/**
 * One connection whatever the size of the pool, since Redis runs one command at a time and the driver does not wait to send the next.
 * It is made when it is needed, and anew after it was lost.
 */
export class Connection {
  readonly #prepare: () => Client;
  #client: Client | undefined;
  #connected: Promise<Client> | undefined;

  constructor(options: DatabaseOptions, keyPrefix: string) {
    check(options.url);
    this.#prepare = () => prepare(options, keyPrefix);
  }

  async run<T>(command: (client: Client) => Promise<T>): Promise<T> {
    if (!this.#client?.isOpen) {
      this.#client = this.#prepare();
      this.#connected = this.#client.connect();
    }
    const client = this.#client;
    const timer = setTimeout(() => client.destroy(), timeout); // all that waits for it is refused
    try {
      await this.#connected;
      return await command(client);
    } catch (error) {
      throw explain(error as NodeJS.ErrnoException);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#client?.destroy();
  }
}

/** Throws for a URL that is malformed, or that the driver would take otherwise than it is meant. */
function check(url: string): void {
  const { protocol = '', username, password, hostname, pathname, search, hash } = URL.parse(url) ?? {};
  try {
    decodeURIComponent(`${username}${password}`);
    assert(hostname && /^rediss?:$/.test(protocol) && /^(\/[0-9]*)?$/.test(`${pathname}${search}${hash}`));
  } catch {
    throw new Error('DATABASE_URL must be redis://user:password@host:6379/0, or rediss:// for TLS, with name and password percent-encoded');
  }
}

/** Gives an error of the server or of the driver its meaning. */
export function explain(error: NodeJS.ErrnoException): Error {
  if (!(error instanceof ErrorReply)) {
    const reason = error instanceof DisconnectsClientError ? 'no answer in time' : error.message || error.code;
    return new UnavailableError(reason);
  }
  const field = /^CONFLICT (.*)$/.exec(error.message)?.[1];
  if (field !== undefined) {
    return new ConflictError(field);
  }
  return unavailable.test(error.message) ? new UnavailableError(error.message) : error;
}
