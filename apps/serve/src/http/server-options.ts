/** Options of the server, and their defaults. */
import { TransfusionError } from '@transfusion/errors';
import type { Logger } from 'pino';
import type { ModelExports } from '../inference/model-exports.js';
import type { ModelHost } from '../inference/model-host.js';

/** Options of `createServer`. */
export interface ServerOptions {
  readonly models: readonly ModelHost[];
  /** Keys that open `/v1/*`; by default, and if there are none, it is open. All other routes always are. */
  readonly apiKeys?: readonly string[];
  /** Writes one line for each request; by default a logger on stdout. */
  readonly logger?: Logger;
  /** Logs the texts of prompts, too; defaults to false. */
  readonly logPrompts?: boolean;
  readonly limits?: Partial<Limits>;
  /** Folder of the page that is served at `/`; by default there is none. */
  readonly pageFolder?: string;
  /** Hands out models, with their weights, to browsers that run them; by default the server keeps them to itself. */
  readonly exports?: Pick<ModelExports, 'folderOf'>;
}

/** Limits of the server; times are in milliseconds. */
export interface Limits {
  /** Maximum size of a request's body in bytes. */
  readonly bodyLimit: number;
  /**
   * Maximum number of bodies of `bodyLimit` bytes, or of more smaller ones with as many bytes in all, from their arrival
   * to the end of their responses; further requests get a 429.
   */
  readonly maxBodies: number;
  /** Maximum number of open connections; further ones are closed. */
  readonly maxConnections: number;
  /** Maximum number of pixels of all images of a request together, with that of a mask. */
  readonly maxPixels: number;
  /** Maximum number of files in a prompt. */
  readonly maxFiles: number;
  /** Maximum number of outputs of a model that wait or are generated; further requests get a 429. */
  readonly maxQueue: number;
  /** Time from admission to the end of the response. */
  readonly requestTimeout: number;
  /** Time in which a request must have arrived. */
  readonly receiveTimeout: number;
  /** Time without an event after which a stream sends a comment, so that proxies keep it open. */
  readonly heartbeatInterval: number;
}

/** Limits that hold unless options say otherwise. */
export const defaultLimits: Limits = {
  bodyLimit: 32 * 2 ** 20,
  maxBodies: 8,
  maxConnections: 1024,
  maxPixels: 32_000_000,
  maxFiles: 64,
  maxQueue: 256,
  requestTimeout: 600_000,
  receiveTimeout: 60_000,
  heartbeatInterval: 15_000,
};

/** Maximum of all limits: longer times, of more than 24.8 days, are due at once for Node's timers. */
const MAX_LIMIT = 2 ** 31 - 1;

/**
 * Checks options that would open the server to everyone, make it serve nothing, or have limits that do not hold.
 *
 * @throws TransfusionError `invalid-argument`
 */
export function checkServerOptions({ models, apiKeys = [], limits = {} }: ServerOptions): void {
  const names = models.map(({ name }) => name);
  if (names.length === 0 || new Set(names).size < names.length) {
    throw new TransfusionError(
      'invalid-argument',
      `createServer: models: found the names [${names.join(', ')}], expected one or more different ones. Name each model.`,
    );
  }
  const wrong = apiKeys.findIndex((key) => !/^\S+$/.test(key));
  if (wrong >= 0) {
    throw new TransfusionError(
      'invalid-argument',
      `createServer: apiKeys[${wrong}]: found a key that is empty or has spaces, which no client can send. Leave it out.`,
    );
  }
  for (const [name, value] of Object.entries(limits)) {
    if (Number.isInteger(value) && value >= 1 && value <= MAX_LIMIT) continue;
    throw new TransfusionError(
      'invalid-argument',
      `createServer: limits.${name}: found ${value}, expected an integer from 1 to ${MAX_LIMIT}. Leave it out for the default.`,
    );
  }
}
