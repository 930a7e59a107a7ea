import type { FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { Problem } from '../problems.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }); // a byte order mark is no JSON

/** Reads JSON alone, and only for routes that have a body. */
export const bodies = fastifyPlugin(async (app) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(['application/json', 'application/merge-patch+json'], { parseAs: 'buffer' }, parse);
  app.addHook('onRequest', ({ headers, routeOptions }, _reply, done) => {
    if (!routeOptions.schema?.body && !Number(headers['content-length']) && !headers['transfer-encoding']) {
      delete headers['content-type']; // of no body; Fastify would refuse one that it cannot read
    }
    done();
  });
  app.addHook('preValidation', (request, _reply, done) => {
    const missing = request.body === undefined && request.routeOptions.schema?.body;
    done(missing ? new Problem(415, 'the body must be application/json') : undefined);
  });
});

async function parse(request: FastifyRequest, body: Buffer): Promise<unknown> {
  if (!request.routeOptions.schema?.body) {
    return undefined;
  }
  if (request.mediaType === 'application/merge-patch+json' && request.method !== 'PATCH') {
    throw new Problem(415, 'the body must be application/json');
  }
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new Problem(400, 'the body is not valid JSON in UTF-8');
  }
}
