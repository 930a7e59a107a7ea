import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { MongoNetworkError, MongoServerError } from 'mongodb';
import Type, { type Static } from 'typebox';
import * as field from '../src/fields.ts';
import { AccountDocuments } from '../src/store/account.ts';
import { createClient, defaultName, explain } from '../src/store/client.ts';
import { openStore } from '../src/store/database.ts';
import { Records } from '../src/store/records.ts';
import { ConflictError, UnavailableError, UnknownOwnerError } from '../src/store/store.ts';
import { openTestDatabase } from './database.ts';

test('addresses', async () => {
  for (const [url, name] of [
    ['mongodb://h', 'app'],
    ['mongodb://h/?tls=true', 'app'],
    ['mongodb://h1:1,h2:2/my%2Dapp?w=1', 'my-app'],
    ['mongodb://u:p%2F%40%3F@[::1]:27017/app', 'app'],
    ['mongodb+srv://u:p@h.example.com/app?tls=true', 'app'],
  ] as const) {
    const client = createClient({ url, poolSize: 1 });
    assert.equal(client.db(defaultName(url)).databaseName, name);
    await client.close();
  }
  for (const url of [
    'postgres://u:secret@h/app',
    'mongodb://u:se/cret@h/app',
    'mongodb://u:se@cret@h/app',
    'mongodb://u:%zzsecret@h/app',
    'mongodb://u:secret@h:0/app',
    'mongodb://u:secret@h/a.b',
    'mongodb://u:p@se/cret@h/app',
    'mongodb://u:secret@h/app?tls=maybe',
  ]) {
    assert.throws(() => createClient({ url, poolSize: 1 }), /^Error: DATABASE_URL (?!.*cret)/);
  }
});

test('a database that comes late', async () => {
  const store = openStore({ url: 'mongodb://127.0.0.1:1/app', poolSize: 1 });
  for (let attempt = 1; attempt <= 2; attempt++) {
    await assert.rejects(store.ping(), /ECONNREFUSED/);
  }
  await store.close();
});

test('errors', () => {
  assert.ok(explain(new MongoNetworkError('connection closed')) instanceof UnavailableError);
  assert.ok(explain(Object.assign(new Error('socket ended'), { code: 'EPIPE' })) instanceof UnavailableError);
  assert.ok(explain(new MongoServerError({ message: 'not primary', code: 10107 })) instanceof UnavailableError);
  const refused = new MongoServerError({ message: 'unknown operator', code: 2 });
  assert.equal(explain(refused), refused);
});

const Thing = field.record(
  Type.Object({
    code: field.string,
    mark: field.nullable(field.uuid),
    count: field.nullable(field.integer),
    price: field.nullable(field.decimal),
    day: field.nullable(field.date),
    at: field.nullable(field.datetime),
  }),
);
type Thing = Static<typeof Thing>;

const thing = (values: Partial<Thing>): Thing => {
  const now = new Date().toISOString();
  const nulls = { mark: null, count: null, price: null, day: null, at: null };
  return { id: randomUUIDv7(), code: randomUUIDv7(), ...nulls, created_at: now, updated_at: now, ...values };
};

/** Records of things, two accounts that may own them, and one that may not. */
async function open(context: TestContext, ...unique: (keyof Thing)[]) {
  const database = openTestDatabase(context);
  const accounts = new AccountDocuments(database);
  const [ada, bob, nobody] = [randomUUIDv7(), randomUUIDv7(), randomUUIDv7()];
  for (const id of [ada, bob]) {
    await accounts.create({ id, email: id, password_hash: '', created_at: new Date().toISOString() });
  }
  return { things: new Records<Thing>(database, accounts, 'things', Thing, ...unique), ada, bob, nobody };
}

test('values come back as they were', async (context) => {
  const { things, ada } = await open(context);
  for (const values of [
    {},
    { count: Number.MIN_SAFE_INTEGER, price: '-9999999999.99', day: '0001-01-01', at: '0001-01-01T00:00:00.000Z' },
    { count: Number.MAX_SAFE_INTEGER, price: '9999999999.99', day: '9999-12-31', at: '9999-12-31T23:59:59.999Z' },
    { count: 0, price: '-0.05', day: '2024-02-29', mark: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
  ]) {
    const record = thing(values);
    await things.create(ada, record);
    assert.deepEqual(await things.find(ada, record.id), record);
    assert.deepEqual(await things.list(ada, 1), [record]);
  }
});

test('unique values', async (context) => {
  const { things, ada, bob } = await open(context, 'code', 'mark');
  await Promise.all([things.createIndexes(), things.createIndexes()]);
  const mark = randomUUIDv7();
  const taken = (name: string) => (error: unknown) => {
    const cause = explain(error);
    return cause instanceof ConflictError && cause.field === name;
  };
  const first = thing({ code: 'a', mark });
  const second = thing({ code: 'A' });
  await things.create(ada, first);
  await things.create(ada, second);
  await things.create(ada, thing({}));
  await things.create(bob, thing({ code: 'a', mark }));
  await assert.rejects(things.create(ada, thing({ code: 'a' })), taken('code'));
  await assert.rejects(things.create(ada, thing({ mark })), taken('mark'));
  await assert.rejects(things.update(ada, second.id, { mark }), taken('mark'));

  assert.deepEqual(await things.update(ada, first.id, { mark: null }), { ...first, mark: null });
  assert.deepEqual(await things.update(ada, second.id, { mark }), { ...second, mark });
});

test('of an account that does not exist there are no records', async (context) => {
  const { things, nobody } = await open(context);
  await assert.rejects(things.create(nobody, thing({})), UnknownOwnerError);
  assert.deepEqual(await things.list(nobody, 1), []);
});
