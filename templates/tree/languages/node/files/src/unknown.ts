import { METHODS } from 'node:http';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { Problem } from './problems.ts';

/** Answers requests that no route takes before their bodies are looked at. The function returned is for the end of all routes. */
export function refuseUnknown(app: FastifyInstance): () => void {
  const notFound = () => new Problem(404, 'not found');
  app.setNotFoundHandler((_request, reply) => reply.send(notFound()));
  for (const method of METHODS) {
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method)) {
      app.addHttpMethod(method);
    }
  }
  app.addHook('onRequest', (request, _reply, done) => done(request.is404 ? notFound() : undefined));
  const urls = new Set<string>();
  app.addHook('onRoute', ({ url }) => {
    urls.add(url);
  });
  return () => {
    for (const url of [...urls]) {
      const methods = app.supportedMethods as HTTPMethods[];
      const allowed = methods.filter((method) => app.hasRoute({ url, method }));
      app.route({
        method: methods.filter((method) => !allowed.includes(method)),
        url,
        schema: { hide: true },
        onRequest: async (_request, reply) => {
          reply.header('Allow', allowed.join(', '));
          throw new Problem(405, 'the method is not allowed here');
        },
        handler: () => undefined,
      });
    }
  };
}
