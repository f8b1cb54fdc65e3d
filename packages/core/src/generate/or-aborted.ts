/** Waits for a promise; rejects with the signal's reason as soon as it is aborted. */
export async function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', (onAbort = () => reject(signal.reason as Error)), { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}
