/**
 * A lock that a worker holds while it lives: no event reports the end of a worker, for want of memory or by its `close`. Pages
 * without TLS have no locks, and do without.
 */
interface Locks {
  request(
    name: string,
    options: { readonly signal?: AbortSignal },
    whenGranted: () => Promise<void> | void,
  ): Promise<void>;
}

/** Takes the lock for good; resolves when it is taken. */
export function holdLock(name: string): Promise<void> {
  const locks = locksHere();
  if (locks === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const forever = (): Promise<void> => {
      resolve();
      return new Promise(() => undefined);
    };
    locks.request(name, {}, forever).catch(reject);
  });
}

/** Calls back when a lock that is held is free. */
export function whenReleased(name: string, signal: AbortSignal, callback: () => void): void {
  // Rejects when it is aborted.
  locksHere()
    ?.request(name, { signal }, callback)
    .catch(() => undefined);
}

function locksHere(): Locks | undefined {
  return (globalThis.navigator as { readonly locks?: Locks } | undefined)?.locks;
}
