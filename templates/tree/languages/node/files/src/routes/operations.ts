import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { problems, unavailable } from '../problems.ts';
import type { Store } from '../store/store.ts';

const Health = Type.Object({ status: Type.String() });

export const operationRoutes: FastifyPluginAsyncTypebox<{ store: Store }> = async (app, { store }) => {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });

  app.get('/healthz', { schema: { summary: 'Check that the process lives', response: { 200: Health } } }, async () => ({ status: 'ok' }));

  app.get('/readyz', { schema: { summary: 'Check that the database answers', response: { 200: Health, ...problems(503) } } }, async () => {
    if (stopping) {
      throw unavailable('the service is shutting down');
    }
    const tooLate = sleep(2000, undefined, { ref: false }).then(() => Promise.reject(unavailable()));
    await Promise.race([store.ping(), tooLate]).catch(() => Promise.reject(unavailable()));
    return { status: 'ok' };
  });
};
