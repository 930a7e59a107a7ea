import type { Connection } from './connection.ts';
import type { Fields } from './scripts.ts';
import { type Accounts, UnknownOwnerError } from './store.ts';

interface Options {
  name: string;
  columns: string[];
  unique: string[];
  /** Who may own records; without it, anybody. */
  owners?: Accounts;
}

/** Records, each of which is a hash of its values as JSON. */
export class Table<T extends { id: string }> {
  readonly #connection: Connection;
  readonly #options: Options;

  constructor(connection: Connection, options: Options) {
    this.#connection = connection;
    this.#options = options;
  }

  async create(owner: string, record: T): Promise<void> {
    const { owners } = this.#options;
    if (owners && !(await owners.findById(owner))) {
      throw new UnknownOwnerError();
    }
    await this.#save('create', owner, record.id, record);
  }

  async find(owner: string, id: string): Promise<T | undefined> {
    const fields = await this.#connection.run((client) => client.hGetAll(this.#key(owner, id)));
    return fields.size > 0 ? this.#read(fields) : undefined;
  }

  async findBy(owner: string, unique: string, value: string): Promise<T | undefined> {
    const id = await this.#connection.run((client) => client.hGet(this.#key(owner, unique), JSON.stringify(value)));
    return id ? this.find(owner, id) : undefined;
  }

  async list(owner: string, limit: number, before?: string): Promise<T[]> {
    const start = before ? `(${before}` : '+';
    const records = await this.#connection.run((client) => client.list([this.#key(owner)], [start, String(limit)]));
    return records.map((fields) => this.#read(fields));
  }

  async update(owner: string, id: string, changes: Partial<T>): Promise<T | undefined> {
    const fields = await this.#save('update', owner, id, changes);
    return fields ? this.#read(fields) : undefined;
  }

  async delete(owner: string, id: string): Promise<boolean> {
    const { unique } = this.#options;
    const keys = [this.#key(owner, id), this.#key(owner), ...unique.map((name) => this.#key(owner, name))];
    return (await this.#connection.run((client) => client.remove(keys, [id, ...unique]))) > 0;
  }

  #save(how: 'create' | 'update', owner: string, id: string, values: Partial<T>): Promise<Fields | null> {
    const isUnique = ([name]: [string, string]) => this.#options.unique.includes(name);
    const entries = Object.entries(values).map(([name, value]): [string, string] => [name, JSON.stringify(value)]);
    const unique = entries.filter(isUnique);
    const others = entries.filter((entry) => !isUnique(entry));
    const keys = [this.#key(owner, id), this.#key(owner), ...unique.map(([name]) => this.#key(owner, name))];
    return this.#connection.run((client) => client.save(keys, [how, id, ...unique.flat(), ...others.flat()]));
  }

  /**
   * Names the sorted set of the ids of an owner's records; with an id, that record; with the name of a unique field, the hash of
   * ids by value. The braces keep all keys of an owner on one node of a cluster, so that a script may use them together.
   */
  #key(owner: string, part?: string): string {
    const key = `{${owner}}:${this.#options.name}`;
    return part ? `${key}:${part}` : key;
  }

  /** A field that is not there, since it is newer than the record, is null. */
  #read(fields: Fields): T {
    return Object.fromEntries(this.#options.columns.map((name) => [name, JSON.parse(fields.get(name) ?? 'null')])) as T;
  }
}
