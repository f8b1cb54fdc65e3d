/** Lets a number of requests in at a time, the others in their order. */
export interface Admission {
  /** Resolves when there is room; rejects with the signal's reason if it is aborted before. */
  enter(signal: AbortSignal): Promise<void>;
  /** Makes the room of one that entered free. */
  readonly leave: () => void;
}

/** Creates an admission for `capacity` requests. */
export function createAdmission(capacity: number): Admission {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return {
    enter: async (signal) => {
      signal.throwIfAborted();
      if (inside < capacity) {
        inside++;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const admit = (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        };
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(admit), 1);
          reject(signal.reason as Error);
        };
        waiting.push(admit);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
    leave: () => {
      const next = waiting.shift();
      if (next === undefined) inside--;
      else next();
    },
  };
}
