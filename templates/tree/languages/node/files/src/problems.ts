import { STATUS_CODES } from 'node:http';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type TSchema } from 'typebox';
import { ConflictError, type Store, UnavailableError, UnknownOwnerError } from './store/store.ts';

const mediaType = 'application/problem+json';

/** One field at fault; an empty name means the body itself. */
interface Fault {
  field: string;
  message: string;
}

/** An error as RFC 9457 has it. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: Fault[] | undefined;

  constructor(status: number, detail: string, errors?: Fault[]) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }

  toJSON() {
    const kinds: Record<number, string> = { 409: 'urn:problem-type:conflict', 422: 'urn:problem-type:validation' };
    const type = kinds[this.status] ?? 'about:blank';
    return { type, title: STATUS_CODES[this.status], status: this.status, detail: this.message, errors: this.errors };
  }
}

export const invalid = (field: string, message: string) => new Problem(422, 'the request has invalid values', [{ field, message }]);
export const notFound = () => new Problem(404, 'no such record');
export const unauthorized = (detail = 'the token is missing, wrong or expired') => new Problem(401, detail);
export const unavailable = (detail = 'the database does not answer') => new Problem(503, detail);

/** Insists on a record. */
export function found<T>(record: T | undefined): T {
  if (record === undefined) {
    throw notFound();
  }
  return record;
}

export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
  },
  { $id: 'Problem' },
);

/** Describes the errors that a route may answer with. */
export function problems(...statuses: number[]): Record<number, TSchema> {
  const content = { [mediaType]: { schema: { $ref: 'Problem#' } } };
  return Object.fromEntries(statuses.map((status) => [status, { description: STATUS_CODES[status], content }]));
}

/** The errors that every body may meet. */
export const bodyProblems = [400, 413, 415, 422];

/** Answers every error, those of the framework too. */
export function createErrorHandler(store: Store) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const problem = problemOf(error, store);
    if (problem.status === 500) {
      request.log.error({ error: error.stack }, 'request failed');
    } else if (problem.status === 503) {
      request.log.warn({ error: error.message }, 'request failed');
    }
    if (problem.status === 413) {
      reply.removeHeader('Connection'); // to close it before the body was read would take the answer from the client
    }
    if (problem.status === 401) {
      reply.header('WWW-Authenticate', 'Bearer');
    }
    return reply.code(problem.status).type(mediaType).send(JSON.stringify(problem));
  };
}

function problemOf(error: FastifyError, store: Store): Problem {
  if (error instanceof Problem) {
    return error;
  }
  if (error.validation) {
    const faults = error.validation.map(({ instancePath, params, message = 'is invalid' }) => ({
      field: instancePath.slice(1) || String(params.missingProperty ?? ''),
      message: params.missingProperty ? 'is required' : message,
    }));
    return new Problem(422, 'the request has invalid values', faults);
  }
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return new Problem(error.statusCode, error.message);
  }
  const cause = store.explain(error);
  if (cause instanceof ConflictError) {
    return new Problem(409, cause.message, [{ field: cause.field, message: 'is taken' }]);
  }
  if (cause instanceof UnknownOwnerError) {
    return unauthorized();
  }
  if (cause instanceof UnavailableError) {
    return unavailable();
  }
  return new Problem(500, 'an error of the service');
}
