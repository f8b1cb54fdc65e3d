/** Number of rows that a call is worth, and what one of them costs then. */
export interface MeasuredRows {
  readonly numRows: number;
  readonly rowMilliseconds: number;
}

/** A call of some rows that can be repeated. */
export interface MeasuredCall {
  run(): void;
  /** Removes the rows. */
  end(): void;
}

/** Most rows that are tried. */
const MAX_ROWS = 64;

/** Time around a call: sampling, events, readers. Without it, calls that take no longer would be split. */
const OVERHEAD_MILLISECONDS = 2;

/** Calls and milliseconds after which a number of rows is measured. */
const MIN_CALLS = 3;
const MIN_MILLISECONDS = 20;

/**
 * Tries 1, 2, 4, … rows, as long as a call takes no longer than the limit, and returns the fewest with which a row costs
 * little more than with the best number, a call being 2 ms longer than is measured. Of several calls the fastest counts,
 * which others on the machine disturbed least.
 *
 * @param limits.tolerance share by which a row may cost more than with the best number
 */
export function measureRows(
  callOf: (numRows: number) => MeasuredCall,
  { maxMilliseconds, tolerance }: { readonly maxMilliseconds: number; readonly tolerance: number },
  now: () => number = () => performance.now(),
): MeasuredRows {
  const fastest = (numRows: number): number => {
    const { run, end } = callOf(numRows);
    let best = Infinity;
    let total = 0;
    for (let calls = 0; calls < MIN_CALLS || total < MIN_MILLISECONDS; calls++) {
      const started = now();
      run();
      const milliseconds = now() - started;
      best = Math.min(best, milliseconds);
      total += milliseconds;
      if (best > maxMilliseconds) break;
    }
    end();
    return best;
  };
  // The first calls are slower than any other.
  fastest(1);
  const tried: MeasuredRows[] = [];
  for (let numRows = 1; numRows <= MAX_ROWS; numRows *= 2) {
    const milliseconds = fastest(numRows);
    if (numRows > 1 && milliseconds > maxMilliseconds) break;
    tried.push({ numRows, rowMilliseconds: milliseconds / numRows });
  }
  const cost = ({ numRows, rowMilliseconds }: MeasuredRows): number =>
    rowMilliseconds + OVERHEAD_MILLISECONDS / numRows;
  const best = Math.min(...tried.map(cost));
  return tried.find((rows) => cost(rows) <= (1 + tolerance) * best)!;
}
