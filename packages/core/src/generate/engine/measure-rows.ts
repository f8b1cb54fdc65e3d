/** Number of rows that a call is worth, and what one of them costs then. */
export interface MeasuredRows {
  readonly numRows: number;
  readonly rowMilliseconds: number;
}

/** Most rows that are tried. */
const MAX_ROWS = 64;

/** Share of time that twice the rows must save each row to be worth it. */
const WORTHWHILE = 0.1;

/**
 * Doubles the rows of a call as long as that makes each at least 10 % cheaper, and the call takes no longer than the
 * limit. Takes the best of three calls, which others on the machine disturb least.
 */
export function measureRows(
  run: (numRows: number) => void,
  maxMilliseconds: number,
  now: () => number = () => performance.now(),
): MeasuredRows {
  const rowMillisecondsAt = (numRows: number): number => {
    let best = Infinity;
    for (let i = 0; i < 3; i++) {
      const started = now();
      run(numRows);
      best = Math.min(best, now() - started);
      if (best > maxMilliseconds) break;
    }
    return best / numRows;
  };
  let best: MeasuredRows = { numRows: 1, rowMilliseconds: rowMillisecondsAt(1) };
  while (best.numRows < MAX_ROWS) {
    const numRows = 2 * best.numRows;
    const rowMilliseconds = rowMillisecondsAt(numRows);
    const isTooLong = numRows * rowMilliseconds > maxMilliseconds;
    if (isTooLong || rowMilliseconds > (1 - WORTHWHILE) * best.rowMilliseconds) break;
    best = { numRows, rowMilliseconds };
  }
  return best;
}
