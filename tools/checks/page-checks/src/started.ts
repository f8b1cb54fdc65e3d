import type { Browser } from 'playwright-core';
import { startServer, type ServerProcess } from '@transfusion/serving/start-server';
import { afterAll, beforeAll } from 'vitest';
import { startBrowser } from './browser.js';

/** Starts a server with these arguments, and a browser, before the tests of a suite; ends both after them. */
export function serverAndBrowser(...args: readonly string[]): {
  readonly server: ServerProcess;
  readonly browser: Browser;
} {
  const started = {} as { server: ServerProcess; browser: Browser };
  beforeAll(async () => {
    [started.server, started.browser] = await Promise.all([startServer(args), startBrowser()]);
  }, 120_000);
  afterAll(async () => {
    await started.browser?.close();
    // Not killed: it has a folder of exports to remove.
    await started.server?.stop();
  });
  return started;
}
