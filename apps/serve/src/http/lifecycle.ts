/** The server's way to its end: no new requests, then the end of running ones. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { unavailable } from '../openai/api-error.js';
import { onResponseEnd } from './response-end.js';

const RETRY_AFTER_SECONDS = 5;

/** Follows requests, so that a server ends when they have their responses. */
export interface Lifecycle {
  readonly isDraining: boolean;
  /** Counts the requests of these routes; they alone are refused while the server drains. */
  follow(routes: FastifyInstance): void;
  /** Refuses requests from now on, and resolves when the earlier ones have their responses. */
  drain(): Promise<void>;
}

/** Creates the lifecycle of a server. */
export function createLifecycle(): Lifecycle {
  const running = new Set<FastifyRequest>();
  let onIdle: (() => void) | undefined;
  let drained: Promise<void> | undefined;

  return {
    get isDraining() {
      return drained !== undefined;
    },
    follow(routes) {
      routes.addHook('onRequest', (request, reply, done) => {
        if (drained !== undefined) {
          void reply.header('connection', 'close');
          return done(
            unavailable('The server is shutting down. Send the request again.', RETRY_AFTER_SECONDS),
          );
        }
        running.add(request);
        onResponseEnd(reply, () => {
          running.delete(request);
          if (running.size === 0) onIdle?.();
        });
        done();
      });
    },
    drain() {
      return (drained ??= new Promise((resolve) => {
        onIdle = resolve;
        if (running.size === 0) resolve();
      }));
    },
  };
}
