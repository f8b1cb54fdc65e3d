/** Starts the models and the server, and ends them in order. */
import type { AddressInfo } from 'node:net';
import { TransfusionError } from '@transfusion/errors';
import { pino, type Logger } from 'pino';
import { createServer } from './http/create-server.js';
import { childModelHost, type ChildModelHost, type ModelChange } from './inference/child-model-host.js';
import { modelArguments } from './model-arguments.js';

/** Options of the command line. */
export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly apiKey?: readonly string[];
  readonly logLevel: string;
  readonly logPrompts?: boolean;
  readonly engine: string;
  readonly maxRunning: number;
  readonly maxQueue: number;
  readonly requestTimeout: number;
  readonly bodyLimit: number;
  readonly maxPixels: number;
  readonly maxPromptTokens: number;
  readonly maxTokens: number;
  readonly maxSteps: number;
  readonly maxImages: number;
}

/** Serves models until SIGINT or SIGTERM, then ends what runs; a second signal ends it at once. */
export async function serve(names: readonly string[], options: ServeOptions): Promise<void> {
  const logger = createLogger(options.logLevel);
  const hosts = startModels(names, options, logger);
  try {
    const server = await createServer({
      models: hosts,
      apiKeys: options.apiKey ?? keysOf(process.env['TRANSFUSION_API_KEYS']),
      logger,
      logPrompts: options.logPrompts,
      limits: {
        bodyLimit: options.bodyLimit * 2 ** 20,
        maxPixels: options.maxPixels * 1_000_000,
        maxQueue: options.maxQueue,
        requestTimeout: options.requestTimeout * 1000,
      },
    });
    const signal = nextSignal();
    await server.listen({ host: options.host, port: options.port });
    await Promise.all(hosts.map(({ loaded }) => loaded));
    announce(server.server.address() as AddressInfo, hosts);
    logger.info({ signal: await signal }, 'draining');
    void nextSignal().then(() => process.exit(1));
    await server.drain();
  } finally {
    await Promise.all(hosts.map((host) => host.close()));
  }
  // The waiting for a second signal would keep this process alive.
  process.exit();
}

function startModels(names: readonly string[], options: ServeOptions, logger: Logger): ChildModelHost[] {
  const { engine, maxRunning, maxPromptTokens, maxTokens, maxSteps, maxImages } = options;
  const limits = { maxPromptTokens, maxTokens, maxInferenceSteps: maxSteps, maxSpans: maxImages };
  return modelArguments(names).map(({ name, folder }) => {
    const onChange = (change: ModelChange): void => {
      if (change.type === 'ready') logger.info({ model: name, ...change }, 'model ready');
      else logger.error({ model: name, ...change }, 'model ended');
    };
    return childModelHost({ name, folder, engine, maxRunning, limits, onChange });
  });
}

/** Creates the log, on stderr: stdout has only the address. */
function createLogger(level: string): Logger {
  const levels = [...Object.keys(pino.levels.values), 'silent'];
  if (levels.includes(level)) return pino({ level, base: null }, pino.destination(2));
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
  console.log(`Serving ${hosts.map(({ name }) => name).join(', ')} at ${url}/v1`);
  console.log(`Reference: ${url}/docs`);
}

function nextSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const;
    const listener = (signal: NodeJS.Signals): void => {
      for (const each of signals) process.off(each, listener);
      resolve(signal);
    };
    for (const signal of signals) process.on(signal, listener);
  });
}
