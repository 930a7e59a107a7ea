import type { Account } from '../models/account.ts';
import type { Connection } from './connection.ts';
import type { Accounts } from './store.ts';
import { Table } from './table.ts';

/** Owns the accounts. */
const nobody = '00000000-0000-0000-0000-000000000000';

export function accountsIn(connection: Connection): Accounts {
  const table = new Table<Account>(connection, {
    name: 'auth_account',
    columns: ['id', 'email', 'password_hash', 'created_at'],
    unique: ['email'],
  });
  return {
    create: (account) => table.create(nobody, account),
    findById: (id) => table.find(nobody, id),
    findByEmail: (email) => table.findBy(nobody, 'email', email),
  };
}
