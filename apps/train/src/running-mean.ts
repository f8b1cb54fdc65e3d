/** A mean in which a value counts less with each that follows it, exact from the first one on. */
export interface RunningMean {
  add(value: number): void;
  /** NaN before the first value. */
  readonly value: number;
}

/** @param decay how much a value still counts one value later */
export function runningMean(decay = 0.95): RunningMean {
  let sum = 0;
  let weight = 0;
  return {
    add: (value) => {
      sum = sum * decay + value;
      weight = weight * decay + 1;
    },
    get value() {
      return sum / weight;
    },
  };
}
