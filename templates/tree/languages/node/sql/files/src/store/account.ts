import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';
import type { Accounts } from './store.ts';

export const accountsIn = (database: Kysely<Tables>): Accounts => ({
  async create(account) {
    await database.insertInto('auth_account').values(account).execute();
  },
  findById: (id) => database.selectFrom('auth_account').selectAll().where('id', '=', id).executeTakeFirst(),
  findByEmail: (email) => database.selectFrom('auth_account').selectAll().where('email', '=', email).executeTakeFirst(),
});
