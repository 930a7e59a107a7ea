import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { defaultUrl } from './store/database.ts';
import type { DatabaseOptions } from './store/store.ts';

export interface Config {
  production: boolean;
  port: number;
  database: DatabaseOptions;
  jwtSecret: string;
  accessTokenTtl: number;
  corsOrigins: string[];
  authRateLimit: number;
  trustedProxies: number;
  metricsToken: string;
  apiDocs: boolean;
  logLevel: string;
}

type Environment = Record<string, string | undefined>;

/** Reads the environment; in development, what is not set comes from the file .env, if there is one. */
export function loadConfig(): Config {
  const environment = process.env.APP_ENV || 'development';
  const file = environment === 'development' ? readEnvFile() : {};
  const set = Object.entries(process.env).filter(([, value]) => value !== '');
  return readConfig({ ...file, ...Object.fromEntries(set) });
}

export function readEnvFile(path = '.env'): Environment {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return {};
    }
    throw new Error(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Throws an error that names the first variable at fault, without its value. */
export function readConfig(environment: Environment): Config {
  const required = (name: string, fallback = ''): string => environment[name] || fallback || fail(name, 'is not set');
  const integer = (name: string, fallback: number, least: number, most: number): number => {
    const text = environment[name] || String(fallback);
    const number = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return number >= least && number <= most ? number : fail(name, `must be a whole number from ${least} to ${most}`);
  };
  const oneOf = (name: string, ...values: [string, ...string[]]): string => {
    const text = environment[name] || values[0];
    return values.includes(text) ? text : fail(name, `must be one of ${values.join(', ')}`);
  };

  const production = oneOf('APP_ENV', 'development', 'test', 'production') === 'production';
  const jwtSecret = required('JWT_SECRET');
  if (Buffer.byteLength(jwtSecret) < 32) {
    fail('JWT_SECRET', 'must have 32 bytes or more');
  }
  return {
    production,
    port: integer('PORT', 8080, 1, 65535),
    database: {
      url: required('DATABASE_URL', defaultUrl),
      poolSize: integer('DATABASE_POOL_SIZE', 10, 1, 10_000),
      certificates: certificates('DATABASE_CA_FILE', environment.DATABASE_CA_FILE),
    },
    jwtSecret,
    accessTokenTtl: integer('ACCESS_TOKEN_TTL', 3600, 1, 365 * 24 * 3600),
    corsOrigins: origins('CORS_ORIGINS', environment.CORS_ORIGINS),
    authRateLimit: integer('AUTH_RATE_LIMIT', 10, 1, 1_000_000),
    trustedProxies: integer('TRUSTED_PROXIES', 0, 0, 100),
    metricsToken: environment.METRICS_TOKEN ?? '',
    apiDocs: oneOf('API_DOCS', String(!production), String(production)) === 'true',
    logLevel: oneOf('LOG_LEVEL', 'info', 'debug', 'warn', 'error'),
  };
}

function fail(name: string, reason: string): never {
  throw new Error(`${name} ${reason}`);
}

function certificates(name: string, path: string | undefined): string | undefined {
  if (!path) {
    return undefined;
  }
  try {
    const content = readFileSync(path, 'utf8');
    new X509Certificate(content);
    return content;
  } catch {
    return fail(name, 'must be a readable file of certificates in PEM form');
  }
}

function origins(name: string, list = ''): string[] {
  const values = list.split(',').map((origin) => origin.trim());
  return values.filter(Boolean).map((origin) => {
    const right = URL.canParse(origin) && new URL(origin).origin === origin && !origin.includes('*');
    return right ? origin : fail(name, 'must be origins such as https://example.com, separated by commas; * is refused');
  });
}
