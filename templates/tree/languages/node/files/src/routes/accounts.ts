import { randomUUIDv7 } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Attempts } from '../attempts.ts';
import { normalEmail } from '../formats.ts';
import { AccessToken, AccountView, Credentials, Registration } from '../models/account.ts';
import { hashPassword, verifyPassword } from '../passwords.ts';
import { authentication } from '../plugins/authentication.ts';
import { bodyProblems, problems, unauthorized } from '../problems.ts';
import type { Accounts } from '../store/store.ts';
import type { Tokens } from '../tokens.ts';

interface Options {
  accounts: Accounts;
  attempts: Attempts;
  tokens: Tokens;
}

export const accountRoutes: FastifyPluginAsyncTypebox<Options> = async (app, { accounts, attempts, tokens }) => {
  const onRequest = (request: FastifyRequest, reply: FastifyReply) => attempts.request(request.client, reply);

  app.post(
    '/register',
    {
      onRequest,
      schema: {
        summary: 'Register',
        body: Registration,
        response: { 201: AccountView, ...problems(...bodyProblems, 409, 429, 503) },
      },
    },
    async ({ body: { email, password } }, reply) => {
      const password_hash = await hashPassword(password);
      const account = { id: randomUUIDv7(), email, password_hash, created_at: new Date().toISOString() };
      await accounts.create(account);
      return reply.code(201).send(account);
    },
  );

  app.post(
    '/login',
    {
      onRequest,
      schema: {
        summary: 'Log in',
        body: Credentials,
        response: { 200: AccessToken, ...problems(...bodyProblems, 401, 429, 503) },
      },
    },
    async (request, reply) => {
      const email = normalEmail(request.body.email).slice(0, 255); // more belongs to nobody
      const succeeded = await attempts.login(email, request.client, reply);
      const account = await accounts.findByEmail(email);
      const right = await verifyPassword(request.body.password, account?.password_hash);
      if (!account || !right) {
        request.log.warn({ client: request.client }, 'login failed');
        throw unauthorized('the e-mail address or the password is wrong');
      }
      await succeeded();
      request.owner = account.id;
      request.log.info({ client: request.client, user_id: account.id }, 'login succeeded');
      return { access_token: await tokens.sign(account.id), token_type: 'Bearer', expires_in: tokens.lifetime };
    },
  );

  await app.register(async (secured) => {
    await secured.register(authentication, { tokens });
    secured.get('/me', { schema: { summary: 'Get the account', response: { 200: AccountView } } }, async (request) => {
      const account = await accounts.findById(request.owner);
      if (!account) {
        throw unauthorized();
      }
      return account;
    });
  });
};
