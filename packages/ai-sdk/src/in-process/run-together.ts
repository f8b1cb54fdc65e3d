/**
 * Runs calls at the same time; if one fails, the others are aborted.
 *
 * @param abortSignal aborts all of them
 */
export async function runTogether<Result>(
  calls: readonly ((signal: AbortSignal) => Promise<Result>)[],
  abortSignal: AbortSignal | undefined,
): Promise<Result[]> {
  const failed = new AbortController();
  const signals = abortSignal === undefined ? [failed.signal] : [failed.signal, abortSignal];
  try {
    // One signal for each call: Node warns of a signal that many listen to.
    return await Promise.all(calls.map((call) => call(AbortSignal.any(signals))));
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}
