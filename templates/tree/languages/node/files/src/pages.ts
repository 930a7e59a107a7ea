import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import Type, { type TSchema } from 'typebox';
import { nullable } from './fields.ts';
import { invalid } from './problems.ts';

/** Both may be left out; there is a limit all the same. */
export const PageQuery = Type.Unsafe<{ limit: number; cursor?: string }>({
  type: 'object',
  properties: {
    limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
    cursor: Type.String({ pattern: '^[A-Za-z0-9_-]+$' }),
  },
});

export const pageOf = <T extends TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next_cursor: nullable(Type.String({ pattern: '^[A-Za-z0-9_-]+$' })) });

/** Cursors name the record after which a page begins; they are signed, so that only those of the service are taken. */
export class Cursors {
  readonly #key: Uint8Array;

  constructor(secret: string) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', 'cursor', 32));
  }

  sign(id: string): string {
    const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
    const signature = createHmac('sha256', this.#key).update(bytes).digest().subarray(0, 14);
    return Buffer.concat([bytes, signature]).toString('base64url');
  }

  /** Returns the id in the cursor, if there is one. */
  read(cursor: string | undefined): string | undefined {
    if (cursor === undefined) {
      return undefined;
    }
    const hex = Buffer.from(cursor, 'base64url').toString('hex');
    const id = hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const expected = Buffer.from(this.sign(id));
    if (expected.length !== cursor.length || !timingSafeEqual(expected, Buffer.from(cursor))) {
      throw invalid('cursor', 'is not one of this service');
    }
    return id;
  }

  /** Makes a page of up to `limit` records out of up to one more. */
  page<T extends { id: string }>(records: T[], limit: number): { items: T[]; next_cursor: string | null } {
    const items = records.slice(0, limit);
    const last = items.at(-1);
    return { items, next_cursor: last && records.length > limit ? this.sign(last.id) : null };
  }
}
