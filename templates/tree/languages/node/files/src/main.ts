import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { buildApp } from './app.ts';
import { type Config, loadConfig } from './config.ts';
import { createLogger } from './logger.ts';
import { openStore } from './store/database.ts';
import type { Store } from './store/store.ts';

const startTimeout = 30_000;
const shutdownTimeout = 10_000;

try {
  await run(process.argv[2]);
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

async function run(command: string | undefined): Promise<void> {
  if (command !== undefined && command !== 'migrate') {
    throw new Error(`unknown command ${JSON.stringify(command)}: use none, or migrate`);
  }
  const config = loadConfig();
  const logger = createLogger(config.logLevel);
  const store = openStore(config.database);
  // Until the server listens there is nothing to finish; a migration is not done.
  const stop = () => process.exit(command === 'migrate' ? 1 : 0);
  process.on('SIGTERM', stop).on('SIGINT', stop);
  await waitFor(store, logger);
  if (command === 'migrate') {
    await store.migrate();
    logger.info('the database is up to date');
    await store.close();
    return;
  }
  await serve(config, logger, store);
  process.off('SIGTERM', stop).off('SIGINT', stop);
}

/** Gives the database half a minute to come up. */
async function waitFor(store: Store, logger: Logger): Promise<void> {
  const deadline = Date.now() + startTimeout;
  for (let attempt = 1; ; attempt++) {
    try {
      return await store.ping();
    } catch (error) {
      const reason = error instanceof Error ? error.message || error.name : String(error);
      if (Date.now() > deadline) {
        throw new Error(`the database of DATABASE_URL did not answer for 30 seconds: ${reason}`);
      }
      if (attempt === 1) {
        logger.warn({ reason }, 'waiting for the database');
      }
    }
    await sleep(500);
  }
}

async function serve(config: Config, logger: Logger, store: Store): Promise<void> {
  const app = await buildApp(config, logger, store);
  await app.listen({ port: config.port, host: '::' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL') {
      return app.listen({ port: config.port, host: '0.0.0.0' }); // a machine without IPv6
    }
    throw new Error(`PORT ${config.port} cannot be listened on: ${error.message}`);
  });
  let stopping = false;
  const stop = async (signal: NodeJS.Signals) => {
    if (stopping) {
      return;
    }
    stopping = true;
    logger.info({ signal }, 'shutting down');
    setTimeout(() => {
      logger.warn('requests were cut off');
      process.exit(0);
    }, shutdownTimeout).unref();
    await app.close();
    await store.close();
    process.exit(0);
  };
  process.on('SIGTERM', stop).on('SIGINT', stop);
}
