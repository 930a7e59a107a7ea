// Plain routes that do what the service does and nothing else: no accounts, no log, no metrics, no checks.
import { randomUUIDv7 } from 'node:crypto';
import Fastify from 'fastify';
import type { Item } from '../src/models/items.ts';
import { openStore } from '../src/store/database.ts';

const owner = String(process.env.OWNER);
const store = openStore({ url: String(process.env.DATABASE_URL), poolSize: Number(process.env.DATABASE_POOL_SIZE) });
const app = Fastify();

app.get('/readyz', async () => ({ status: 'ok' }));
app.get<{ Params: { id: string } }>('/api/v1/items/:id', (request) => store.items.find(owner, request.params.id));
app.get('/api/v1/items', async () => {
  const items = await store.items.list(owner, 21);
  return { items: items.slice(0, 20), next_cursor: items.length > 20 ? items[19]?.id : null };
});
app.post<{ Body: Pick<Item, 'name' | 'notes' | 'done'> }>('/api/v1/items', async (request, reply) => {
  const now = new Date().toISOString();
  const { name, notes, done } = request.body;
  const record = { id: randomUUIDv7(), name, notes, done, created_at: now, updated_at: now };
  await store.items.create(owner, record);
  return reply.code(201).send(record);
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
