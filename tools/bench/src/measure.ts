import type { Spread } from './statistics.js';

/** What a measured value is held against. */
export type Floor = { readonly atLeast: number } | { readonly below: number };

/** One line of a suite's report. */
export interface Measure {
  /** Stable, for whoever reads the JSON: `llama.ratio`. */
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly unit: string;
  readonly spread?: Spread;
  readonly floor?: Floor;
  /** What a reader should know about this value. */
  readonly note?: string;
}

/** Measures that are read together. */
export interface MeasureGroup {
  readonly title: string;
  readonly measures: readonly Measure[];
}

/** Whether the floor is kept; undefined without one. NaN keeps none. */
export function keepsFloor({ value, floor }: Measure): boolean | undefined {
  if (floor === undefined) return undefined;
  return 'atLeast' in floor ? value >= floor.atLeast : value < floor.below;
}
