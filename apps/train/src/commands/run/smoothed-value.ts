/** An exponential moving average without the bias of its start: exact from the first value on. */
export interface SmoothedValue {
  add(value: number): void;
  /** NaN before the first value. */
  readonly value: number;
}

/** @param decay weight of a value one value later; defaults to 0.95 */
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
