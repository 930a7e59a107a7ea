import fastifyPlugin from 'fastify-plugin';
import { clientAddress } from '../client.ts';

declare module 'fastify' {
  interface FastifyRequest {
    client: string;
  }
}

/** Writes a line per request. */
export const requestLog = fastifyPlugin<{ trustedProxies: number }>(async (app, { trustedProxies }) => {
  app.decorateRequest('client', '');
  app.decorateRequest('owner', '');
  app.addHook('onRequest', (request, _reply, done) => {
    const forwarded = request.headers['x-forwarded-for'];
    request.client = clientAddress(request.ip, forwarded && String(forwarded), trustedProxies);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const line = {
      method: request.method,
      path: request.originalUrl.replace(/\?.*$/s, ''),
      status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 1000) / 1000,
      client: request.client,
      user_id: request.owner || undefined,
      trace_id: traceId(request.headers.traceparent),
    };
    request.log.info(line, 'request');
    done();
  });
});

/** The trace that the request belongs to, as W3C Trace Context has it. */
function traceId(traceparent: string | string[] | undefined): string | undefined {
  return /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.exec(String(traceparent))?.[1];
}
