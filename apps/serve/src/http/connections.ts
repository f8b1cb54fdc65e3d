/** Bound on connections. */
import type { FastifyInstance } from 'fastify';

/** Least time in milliseconds between lines of the log: every line is about all connections since the last one. */
const LOG_INTERVAL = 10_000;

/**
 * Closes connections over the limit as they come. Each of them also closes those on which nothing is going on, which
 * proxies and clients keep for later: there is room for the next one, such as a probe's second attempt.
 */
export function limitConnections({ server, log }: FastifyInstance, maxConnections: number): void {
  let numClosed = 0;
  let loggedAt = -Infinity;
  server.maxConnections = maxConnections;
  server.on('drop', () => {
    server.closeIdleConnections();
    numClosed++;
    if (performance.now() - loggedAt < LOG_INTERVAL) return;
    log.warn({ maxConnections, numClosed }, 'connections over the limit closed');
    loggedAt = performance.now();
    numClosed = 0;
  });
}
