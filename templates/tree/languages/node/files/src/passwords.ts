import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';

// The parameters are those that OWASP recommends; each hash holds the ones it was made with.
const memory = 19456;
const passes = 2;
const parallelism = 1;
const tagLength = 32;

// Node.js hashes on its thread pool, beside the event loop. Two at once leave the other half of the pool to name look-ups and files.
const limit = pLimit(2);
const derive = promisify(argon2);

// Compared with the password of an account that does not exist, so that the answer takes as long.
const unknown = format(Buffer.alloc(16), Buffer.alloc(tagLength));

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  return format(nonce, await hash({ message: password, nonce, memory, passes, parallelism, tagLength }));
}

/** Without a hash it takes as long, and says no. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=([0-9]+),t=([0-9]+),p=([0-9]+)\$([^$]+)\$([^$]+)$/.exec(stored ?? unknown);
  if (!match) {
    throw new Error('a stored password hash is malformed');
  }
  const [memory, passes, parallelism] = match.slice(1, 4).map(Number) as [number, number, number];
  const [nonce, tag] = match.slice(4).map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer];
  const actual = await hash({ message: password, nonce, memory, passes, parallelism, tagLength: tag.length });
  return timingSafeEqual(actual, tag) && stored !== undefined;
}

function hash(parameters: Argon2Parameters): Promise<Buffer> {
  return limit(() => derive('argon2id', parameters));
}

function format(nonce: Buffer, tag: Buffer): string {
  const encode = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(nonce)}$${encode(tag)}`;
}
