import fastifyPlugin from 'fastify-plugin';
import { unavailable } from '../problems.ts';

/**
 * Bounds the time of a handler, whatever the database does. The `handlerTimeout` of Fastify would also count how long the client takes
 * to send the body, and abort a signal after every request.
 */
export const deadline = fastifyPlugin(async (app) => {
  app.addHook('preHandler', (_request, reply, done) => {
    // An answer that was sent may still be on its way to a slow client.
    const timer = setTimeout(() => reply.raw.headersSent || reply.send(unavailable()), 4_500);
    reply.raw.on('close', () => clearTimeout(timer));
    done();
  });
});
