/** Ctrl-C, and SIGTERM, with which docker, systemd, slurm and `kill` ask a program to end. */

/** Listener for requests to stop. */
export interface Interrupt {
  /** Aborted by the first request. */
  readonly signal: AbortSignal;
  /** Exit code after a request, 130 or 143 by its signal; undefined before any. */
  readonly exitCode: number | undefined;
  /** Gives the signals back to the system. */
  end(): void;
}

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof EXIT_CODES;

/**
 * One Ctrl-C is often several signals: a terminal sends it to all processes that the command runs in, and
 * those (the launcher, npm, npx, pnpm) pass it on, pnpm as SIGTERM. For so long they are one request.
 */
const ONE_REQUEST_MS = 1000;

/**
 * Makes the first request abort a signal instead of ending the process. Once its time is over, the system's
 * own way is back, so that a second request ends the process.
 */
export function abortOnInterrupt(onInterrupt: () => void): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const listener = (name: StopSignal): void => {
    if (exitCode !== undefined) return;
    exitCode = EXIT_CODES[name];
    controller.abort();
    onInterrupt();
    // After a long computation this timer is due, and signals of the same request may wait: they are heard
    // between it and the immediate.
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
      // A request may be met before all of its signals have come; the rest must not end the process.
      if (exitCode === undefined) release();
    },
  };
}
