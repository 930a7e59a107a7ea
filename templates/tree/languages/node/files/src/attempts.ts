import type { FastifyReply } from 'fastify';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { network } from './client.ts';
import { Problem } from './problems.ts';

/** Counts the attempts of a minute. */
export class Attempts {
  readonly #requests: RateLimiterMemory;
  readonly #failuresHere: RateLimiterMemory;
  readonly #failures: RateLimiterMemory;

  constructor(limit: number) {
    this.#requests = new RateLimiterMemory({ points: limit, duration: 60 });
    this.#failuresHere = new RateLimiterMemory({ points: Math.max(1, Math.floor(limit / 2)), duration: 60 });
    this.#failures = new RateLimiterMemory({ points: 10 * limit, duration: 60 });
  }

  /** Counts a request of a client to register or to log in. */
  async request(client: string, reply: FastifyReply): Promise<void> {
    await take(this.#requests, network(client), reply);
  }

  /** Counts a login as failed from its start, so that many at once cannot slip through; a success takes it back. */
  async login(email: string, client: string, reply: FastifyReply): Promise<() => Promise<void>> {
    const here = `${email} ${network(client)}`;
    await take(this.#failuresHere, here, reply);
    await take(this.#failures, email, reply);
    return async () => {
      await Promise.all([this.#failuresHere.reward(here), this.#failures.reward(email)]);
    };
  }
}

async function take(limiter: RateLimiterMemory, key: string, reply: FastifyReply): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    reply.header('Retry-After', Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1000));
    throw new Problem(429, 'too many attempts');
  }
}
