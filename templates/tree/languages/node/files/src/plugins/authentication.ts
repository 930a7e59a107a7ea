import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { problems, unauthorized } from '../problems.ts';
import type { Tokens } from '../tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The account that makes the request; empty without one. */
    owner: string;
  }
}

/** The token of a request, or nothing. */
export function bearerToken(request: FastifyRequest): string {
  return /^bearer +([^ ]+) *$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

/** Lets only requests with a token through to the routes beside and below it. */
export const authentication = fastifyPlugin<{ tokens: Tokens }>(async (app, { tokens }) => {
  app.addHook('onRoute', (route) => {
    const response = { ...problems(401, 503), ...(route.schema?.response as object | undefined) };
    route.schema = { ...route.schema, security: [{ bearer: [] }], response };
  });
  app.addHook('onRequest', async (request) => {
    const account = await tokens.verify(bearerToken(request));
    if (!account) {
      throw unauthorized();
    }
    request.owner = account;
  });
});
