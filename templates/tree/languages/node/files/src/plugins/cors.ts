import fastifyCors from '@fastify/cors';
import fastifyPlugin from 'fastify-plugin';

/** Lets browsers call from the origins. Without any, there is no CORS at all. */
export const cors = fastifyPlugin<{ origins: string[] }>(async (app, { origins }) => {
  if (origins.length === 0) {
    return;
  }
  const options = {
    origin: origins,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'X-Request-Id', 'Traceparent'],
    exposedHeaders: ['Location', 'X-Request-Id', 'Retry-After'],
    maxAge: 600,
  };
  await app.register(fastifyCors, {
    // Any other OPTIONS request is one for the router, which does not know the method.
    delegator: ({ headers }, callback) =>
      callback(null, { ...options, preflight: Boolean(headers.origin && headers['access-control-request-method']) }),
  });
});
