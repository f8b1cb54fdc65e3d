/**
 * Handling of Ctrl-C (SIGINT) and SIGTERM, which docker, systemd, slurm and `kill` send to stop a process.
 */

/** A handler of requests to stop. */
export interface Interrupt {
  /** Aborted by the first request. */
  readonly signal: AbortSignal;
  /** Exit code for the signal of the request, 130 or 143; undefined before any request. */
  readonly exitCode: number | undefined;
  /** Restores the default handling of the signals. */
  end(): void;
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_CODES;

/**
 * Signals within this time are one request. A single Ctrl-C often causes several: the terminal sends SIGINT
 * to all processes of the command, and the launcher, npm, npx and pnpm forward it, pnpm as SIGTERM.
 */
const ONE_REQUEST_MS = 1000;

/**
 * Makes the first request abort a signal instead of ending the process. Afterwards the default handling is
 * restored, so that a second request ends the process.
 */
export function abortOnInterrupt(onInterrupt: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listener = (name: StopSignal): void => {
    if (exitCode !== undefined) return;
    exitCode = EXIT_CODES[name];
    controller.abort();
    onInterrupt();
    // After a long computation, the timer may be due while signals of the same request are still pending:
    // they are delivered before the immediate.
    setTimeout(() => setImmediate(release), ONE_REQUEST_MS).unref();
  };
  const release = (): void => {
    for (const name of Object.keys(EXIT_CODES)) process.off(name, listener);
  };
  for (const name of Object.keys(EXIT_CODES)) process.on(name, listener);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    end: () => {
      // Remaining signals of a handled request must not end the process.
      if (exitCode === undefined) release();
    },
  };
}
