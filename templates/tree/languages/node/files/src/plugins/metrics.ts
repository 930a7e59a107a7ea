import { createHash, timingSafeEqual } from 'node:crypto';
import fastifyPlugin from 'fastify-plugin';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import Type from 'typebox';
import { problems, unauthorized } from '../problems.ts';
import { bearerToken } from './authentication.ts';

/** Measures requests. Production has the route only with a token. */
export const metrics = fastifyPlugin<{ token: string; production: boolean }>(async (app, { token, production }) => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'Duration of HTTP requests.',
    labelNames: ['http_request_method', 'http_route', 'http_response_status_code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10], // as OpenTelemetry advises
    registers: [registry],
  });
  app.addHook('onResponse', (request, reply, done) => {
    const labels = {
      http_request_method: request.method,
      http_route: request.routeOptions.url?.replace(/:(\w+)/g, '{$1}') ?? '', // as OpenAPI and other services write it
      http_response_status_code: reply.statusCode,
    };
    durations.observe(labels, reply.elapsedTime / 1000);
    done();
  });

  if (production && !token) {
    return;
  }
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const schema = {
    summary: 'Metrics for Prometheus',
    response: { 200: { description: 'OK', content: { 'text/plain': { schema: Type.String() } } }, ...problems(401) },
  };
  app.get('/metrics', { schema }, async (request, reply) => {
    if (token && !timingSafeEqual(digest(bearerToken(request)), digest(token))) {
      throw unauthorized('the token is missing or wrong');
    }
    return reply.type(registry.contentType).send(await registry.metrics());
  });
});
