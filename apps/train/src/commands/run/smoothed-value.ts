/** An exponential moving average with bias correction, so that it starts at the first value. */
export interface SmoothedValue {
  add(value: number): void;
  /** NaN before the first value. */
  readonly value: number;
}

/**
 * Creates an empty moving average.
 *
 * @param decay factor by which a value's weight shrinks with each later value; defaults to 0.95
 */
export function smoothedValue(decay = 0.95): SmoothedValue {
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
