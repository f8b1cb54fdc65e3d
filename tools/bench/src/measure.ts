import type { Spread } from './statistics.js';

/** The bound that a measured value must keep. */
export type Floor = { readonly atLeast: number } | { readonly below: number };

/** One line of a suite's report. */
export interface Measure {
  /** Stable key in the JSON report, such as `llama.ratio`. */
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly spread?: Spread;
  readonly floor?: Floor;
  /** A remark for the reader. */
  readonly note?: string;
}

/** Measures that are read together. */
export interface MeasureGroup {
  readonly title: string;
  readonly measures: readonly Measure[];
}

/** Returns true if the floor is kept; undefined without one. NaN keeps none. */
export function keepsFloor({ value, floor }: Measure): boolean | undefined {
  if (floor === undefined) return undefined;
  return 'atLeast' in floor ? value >= floor.atLeast : value < floor.below;
}
