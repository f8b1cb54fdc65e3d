/** Starts the models and the server, and ends them in order. */
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { TransfusionError } from '@transfusion/errors';
import { pageFolder } from '@transfusion/page';
import type { FastifyInstance } from 'fastify';
import { pino, type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { createServer } from './http/create-server.js';
import { childModelHost, type ChildModelHost, type ModelChange } from './inference/child-model-host.js';
import { createModelExports } from './inference/model-exports.js';
import { isLoopback } from './loopback.js';
import { modelArguments, type ServedModel } from './model-arguments.js';
import { stopRequest } from './stop-request.js';

/** Options of the command line. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly apiKey?: readonly string[];
  readonly logLevel: string;
  readonly logPrompts?: boolean;
  readonly browser?: boolean;
  readonly engine: string;
  readonly maxRunning: number;
  readonly maxQueue: number;
  readonly requestTimeout: number;
  readonly bodyLimit: number;
  readonly maxBodies: number;
  readonly maxConnections: number;
  readonly maxPixels: number;
  readonly maxPromptTokens: number;
  readonly maxTokens: number;
  readonly maxSteps: number;
  readonly maxImages: number;
}

/**
 * Serves models until SIGINT or SIGTERM, then ends what runs; a second signal ends it at once.
 *
 * @throws Error if a model cannot be loaded at first, or the address cannot be listened on; nothing is left running
 */
export async function serve(names: readonly string[], options: ServeOptions): Promise<void> {
  const logger = createLogger(options.logLevel);
  const apiKeys = options.apiKey ?? keysOf(process.env['TRANSFUSION_API_KEYS']);
  const models = modelArguments(names);
  const hosts = startModels(models, options, logger);
  const exports = createModelExports(new Map(models.map(({ name, folder }) => [name, folder])));
  const stop = stopRequest();
  let server: FastifyInstance | undefined;
  try {
    server = await createServer({
      models: hosts,
      apiKeys,
      logger,
      logPrompts: options.logPrompts,
      pageFolder: builtPage(logger),
      exports: options.browser ? exports : undefined,
      limits: {
        bodyLimit: options.bodyLimit * 2 ** 20,
        maxBodies: options.maxBodies,
        maxPixels: options.maxPixels * 1_000_000,
        maxQueue: options.maxQueue,
        maxConnections: options.maxConnections,
        requestTimeout: options.requestTimeout * 1000,
      },
    });
    await server.listen({ host: options.host, port: options.port });
    const address = server.server.address() as AddressInfo;
    if (apiKeys.length === 0 && !isLoopback(address.address)) {
      logger.warn(address, 'no API keys: everybody who reaches this address may use the models');
    }
    const loaded = Promise.all(hosts.map((host) => host.loaded)).then(() => announce(address, hosts));
    await Promise.race([loaded, stop.signal]);
    logger.info({ signal: await stop.signal }, 'draining');
    await server.drain();
  } finally {
    await Promise.all([...hosts, exports].map((owner) => owner.close()));
    // Without its models, a server that did not get as far as to drain has nothing to wait for.
    await server?.drain();
    stop.release();
  }
}

/** Returns the page's folder; only source that is started without the command may lack it. */
function builtPage(logger: Logger): string | undefined {
  if (existsSync(pageFolder)) return pageFolder;
  logger.warn({ pageFolder }, 'no page: it is not built. Start the server by its command, which builds it.');
  return undefined;
}

function startModels(
  models: readonly ServedModel[],
  options: ServeOptions,
  logger: Logger,
): ChildModelHost[] {
  const { engine, maxRunning, maxPromptTokens, maxTokens, maxSteps, maxImages } = options;
  const limits = { maxPromptTokens, maxTokens, maxInferenceSteps: maxSteps, maxSpans: maxImages };
  return models.map(({ name, folder }) => {
    const onChange = (change: ModelChange): void => {
      if (change.type === 'ready') logger.info({ model: name, ...change }, 'model ready');
      else logger.error({ model: name, ...change }, 'model ended');
    };
    return childModelHost({ name, folder, engine, maxRunning, limits, onChange });
  });
}

/** Creates the log, on stderr: stdout has only the address. On a terminal it is written for people. */
function createLogger(level: string): Logger {
  const levels = [...Object.keys(pino.levels.values), 'silent'];
  const destination: DestinationStream = process.stderr.isTTY
    ? pretty({ destination: 2, sync: true, singleLine: true, translateTime: 'SYS:HH:MM:ss' })
    : pino.destination(2);
  if (levels.includes(level)) return pino({ level, base: null }, destination);
  throw new TransfusionError(
    'invalid-argument',
    `--log-level: found '${level}', expected one of ${levels.join(', ')}.`,
  );
}

function keysOf(list = ''): string[] {
  return list
    .split(',')
    .map((key) => key.trim())
    .filter((key) => key !== '');
}

function announce({ address, family, port }: AddressInfo, hosts: readonly ChildModelHost[]): void {
  const host = family === 'IPv6' ? `[${address}]` : address;
  const url = `http://${host}:${port}`;
  console.log(`Serving ${hosts.map(({ name }) => name).join(', ')}`);
  console.log(`Page:      ${url}`);
  console.log(`API:       ${url}/v1`);
  console.log(`Reference: ${url}/docs`);
}
