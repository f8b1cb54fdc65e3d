/** Requests to stop: Ctrl-C (SIGINT), and SIGTERM, which docker, systemd, Kubernetes and `kill` send. */

/** A request to stop, which may come. */
export interface StopRequest {
  /** Resolves with the signal when it comes. */
  readonly signal: Promise<NodeJS.Signals>;
  /** Restores the default handling of the signals. */
  release(): void;
}

/**
 * Signals within this time in milliseconds are one request. A single Ctrl-C often causes several: the terminal sends
 * SIGINT to all processes of the command, and launchers, npm and npx pass it on.
 */
const ONE_REQUEST_MS = 1000;

/** Waits for a request to stop instead of ending the process; a second request ends the process at once, with code 1. */
export function stopRequest(): StopRequest {
  const names = ['SIGINT', 'SIGTERM'] as const;
  let release!: () => void;
  const signal = new Promise<NodeJS.Signals>((resolve) => {
    let requestedAt: number | undefined;
    const listener = (name: NodeJS.Signals): void => {
      requestedAt ??= performance.now();
      if (performance.now() - requestedAt > ONE_REQUEST_MS) process.exit(1);
      resolve(name);
    };
    for (const name of names) process.on(name, listener);
    release = () => {
      for (const name of names) process.off(name, listener);
    };
  });
  return { signal, release };
}
