/** Bounds on what requests hold: slots of a queue, bytes of memory. */

/** An amount of which parts are taken and released. */
export interface Bound {
  readonly capacity: number;
  readonly taken: number;
  /** Takes a part; the caller checks that there is room. */
  take(amount: number): Part;
  /** Seconds after which it is worth asking again: the mean time for which what is taken stays so, from 1 to 60. */
  readonly retryAfter: number;
}

/** A part that is taken. */
export interface Part {
  /** Releases all but `amount`. */
  shrink(amount: number): void;
  release(): void;
}

/** Weight of the last release in the mean of times: about the last ten count. */
const WEIGHT = 0.1;

const MAX_RETRY_SECONDS = 60;

/** Creates a bound of which nothing is taken. */
export function createBound(capacity: number): Bound {
  let taken = 0;
  let meanSeconds: number | undefined;
  return {
    capacity,
    get taken() {
      return taken;
    },
    take(amount) {
      const takenAt = performance.now();
      let part = amount;
      taken += part;
      const shrink = (rest: number): void => {
        if (!(rest < part)) return;
        taken -= part - rest;
        part = rest;
      };
      const release = (): void => {
        if (part === 0) return;
        shrink(0);
        const seconds = (performance.now() - takenAt) / 1000;
        meanSeconds = meanSeconds === undefined ? seconds : meanSeconds + WEIGHT * (seconds - meanSeconds);
      };
      return { shrink, release };
    },
    get retryAfter() {
      // On average half of the time is over.
      return Math.min(Math.max(Math.ceil((meanSeconds ?? 0) / 2), 1), MAX_RETRY_SECONDS);
    },
  };
}
