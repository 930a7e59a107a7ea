import { type Collection, type Db, UUID } from 'mongodb';
import type { Account } from '../models/account.ts';
import type { Accounts } from './store.ts';

interface AccountDocument {
  _id: UUID;
  email: string;
  password_hash: string;
  created_at: Date;
}

export class AccountDocuments implements Accounts {
  readonly #documents: Collection<AccountDocument>;

  constructor(database: Db) {
    this.#documents = database.collection('auth_account');
  }

  async createIndexes(): Promise<void> {
    await this.#documents.createIndex({ email: 1 }, { name: 'email', unique: true });
  }

  async create({ id, created_at, ...account }: Account): Promise<void> {
    await this.#documents.insertOne({ _id: new UUID(id), ...account, created_at: new Date(created_at) });
  }

  async findById(id: string): Promise<Account | undefined> {
    return toAccount(await this.#documents.findOne({ _id: new UUID(id) }));
  }

  async findByEmail(email: string): Promise<Account | undefined> {
    return toAccount(await this.#documents.findOne({ email }));
  }
}

function toAccount(document: AccountDocument | null): Account | undefined {
  if (!document) {
    return undefined;
  }
  const { _id, created_at, ...account } = document;
  return { id: _id.toHexString(), ...account, created_at: created_at.toISOString() };
}
