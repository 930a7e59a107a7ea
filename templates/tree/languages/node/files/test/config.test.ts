import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig, readEnvFile } from '../src/config.ts';

const required = { JWT_SECRET: 's'.repeat(32), DATABASE_URL: 'a database' };

test('defaults', () => {
  const config = readConfig(required);
  assert.deepEqual([config.port, config.authRateLimit, config.apiDocs, config.production], [8080, 10, true, false]);
  const production = readConfig({ ...required, APP_ENV: 'production', CORS_ORIGINS: 'https://a.example, http://localhost:3000' });
  assert.deepEqual([production.apiDocs, production.corsOrigins], [false, ['https://a.example', 'http://localhost:3000']]);
});

const faults = {
  APP_ENV: 'live',
  PORT: '0',
  DATABASE_POOL_SIZE: 'many',
  DATABASE_CA_FILE: '/nowhere',
  JWT_SECRET: 'too short',
  ACCESS_TOKEN_TTL: '1h',
  CORS_ORIGINS: '*',
  AUTH_RATE_LIMIT: '-1',
  TRUSTED_PROXIES: '1.5',
  API_DOCS: 'yes',
  LOG_LEVEL: 'loud',
};

for (const [name, value] of Object.entries(faults)) {
  test(`${name}=${value} is refused`, () => {
    assert.throws(
      () => readConfig({ ...required, [name]: value }),
      ({ message }: Error) => message.startsWith(`${name} `) && !message.includes('too short'),
    );
  });
}

test('a file of variables', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'test-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, '.env');
  assert.deepEqual(readEnvFile(path), {});
  writeFileSync(path, `PORT=8081\nMETRICS_TOKEN='$a #b "c" d'\n`);
  assert.deepEqual({ ...readEnvFile(path) }, { PORT: '8081', METRICS_TOKEN: '$a #b "c" d' });
  assert.throws(() => readEnvFile(folder), /cannot be read/);
});
