import { type Db, type Document, type Collection as Documents, UUID } from 'mongodb';
import type { TObject } from 'typebox';
import { type Accounts, type Collection, UnknownOwnerError } from './store.ts';

interface RecordDocument extends Document {
  _id: UUID;
  owner_id: UUID;
}

/** How a value is kept. */
interface Kind {
  write(value: unknown): unknown;
  read(value: unknown): unknown;
}

/** The kinds of strings, by their formats. A decimal is kept in hundredths. */
const kinds: Record<string, Kind> = {
  uuid: { write: (text: string) => new UUID(text), read: (id: UUID) => id.toHexString() },
  date: { write: (text: string) => new Date(text), read: (day: Date) => day.toISOString().slice(0, 10) },
  'date-time': { write: (text: string) => new Date(text), read: (moment: Date) => moment.toISOString() },
  decimal: { write: (text: string) => Number(text.replace('.', '')), read: (hundredths: number) => (hundredths / 100).toFixed(2) },
};
const asItIs: Kind = { write: (value) => value, read: (value) => value };

/** The records of one resource. What is null is left out of a document. */
export class Records<T extends { id: string; updated_at: string }> implements Collection<T> {
  readonly #documents: Documents<RecordDocument>;
  readonly #owners: Accounts;
  readonly #properties: Record<string, { type?: unknown; format?: string }>;
  readonly #unique: string[];
  readonly #ownerCopies: Map<string, string>;

  /**
   * An index takes missing values for equal ones. Only a sparse one passes over a document, and only if that has none of its keys:
   * so a unique field that may be null has a copy of the owner of its own, which is left out together with it.
   */
  constructor(database: Db, owners: Accounts, name: string, schema: TObject, ...unique: (keyof T & string)[]) {
    this.#documents = database.collection(name);
    this.#owners = owners;
    this.#properties = schema.properties;
    this.#unique = unique;
    const nullable = unique.filter((field) => Array.isArray(this.#properties[field]?.type));
    this.#ownerCopies = new Map(nullable.map((field) => [field, `_owner_of_${field}`]));
  }

  async createIndexes(): Promise<void> {
    await this.#documents.createIndex({ owner_id: 1, _id: -1 }, { name: 'owner_id' });
    for (const field of this.#unique) {
      const ownerCopy = this.#ownerCopies.get(field);
      const key = { [ownerCopy ?? 'owner_id']: 1, [field]: 1 };
      // A conflict is told by the name of the index.
      await this.#documents.createIndex(key, { name: field, unique: true, sparse: ownerCopy !== undefined });
    }
  }

  async create(owner: string, { id, ...fields }: T): Promise<void> {
    if (!(await this.#owners.findById(owner))) {
      throw new UnknownOwnerError();
    }
    await this.#documents.insertOne({ ...one(owner, id), ...this.#change(owner, fields).$set });
  }

  async find(owner: string, id: string): Promise<T | undefined> {
    const document = await this.#documents.findOne(one(owner, id));
    return document ? this.#read(document) : undefined;
  }

  async list(owner: string, limit: number, before?: string): Promise<T[]> {
    const filter = { owner_id: new UUID(owner), ...(before && { _id: { $lt: new UUID(before) } }) };
    const newest = this.#documents.find(filter).sort({ _id: -1 }).limit(limit);
    return (await newest.toArray()).map((document) => this.#read(document));
  }

  async update(owner: string, id: string, changes: Partial<T>): Promise<T | undefined> {
    const document = await this.#documents.findOneAndUpdate(one(owner, id), this.#change(owner, changes), { returnDocument: 'after' });
    return document ? this.#read(document) : undefined;
  }

  async delete(owner: string, id: string): Promise<boolean> {
    const { deletedCount } = await this.#documents.deleteOne(one(owner, id));
    return deletedCount > 0;
  }

  #change(owner: string, values: object) {
    const change: { $set: Document; $unset: Document } = { $set: {}, $unset: {} };
    const entries: [string, unknown][] = Object.entries(values);
    for (const [name, value] of entries) {
      const part = value === null ? change.$unset : change.$set;
      part[name] = value === null ? true : this.#kind(name).write(value);
      const ownerCopy = this.#ownerCopies.get(name);
      if (ownerCopy) {
        part[ownerCopy] = new UUID(owner);
      }
    }
    return change;
  }

  #read(document: RecordDocument): T {
    const kept: Document = { ...document, id: document._id };
    const value = (name: string) => (Object.hasOwn(kept, name) ? this.#kind(name).read(kept[name]) : null);
    const record = Object.keys(this.#properties).map((name) => [name, value(name)]);
    return Object.fromEntries(record) as T;
  }

  #kind(name: string): Kind {
    return kinds[this.#properties[name]?.format ?? ''] ?? asItIs;
  }
}

function one(owner: string, id: string) {
  return { _id: new UUID(id), owner_id: new UUID(owner) };
}
