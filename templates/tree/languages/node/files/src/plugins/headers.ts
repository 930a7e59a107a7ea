import fastifyPlugin from 'fastify-plugin';

const strict = "default-src 'none'; frame-ancestors 'none'";
const forDocs = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** Sets the headers that every answer has. */
export const headers = fastifyPlugin(async (app) => {
  app.addHook('onRequest', (request, reply, done) => {
    // The path of a route has one form; a request may write it in many. What no route takes, CORS takes as `*`.
    const { url = '*' } = request.routeOptions;
    const section = /^\/(api|docs)(?![^/?])/.exec(url === '*' ? request.originalUrl : url)?.[1];
    reply.headers({
      'X-Request-Id': request.id,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Content-Security-Policy': section === 'docs' ? forDocs : strict,
    });
    if (section === 'api') {
      reply.header('Cache-Control', 'no-store');
    }
    done();
  });
});
