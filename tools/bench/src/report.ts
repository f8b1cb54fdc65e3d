import type { Machine } from './machine.js';
import { keepsFloor, type Measure, type MeasureGroup } from './measure.js';

/** The result of one run of a suite. */
export interface Report {
  readonly suite: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly seconds: number;
  readonly groups: readonly MeasureGroup[];
}

/** The measures that miss their floor. */
export function missedFloors({ groups }: Report): Measure[] {
  return groups.flatMap(({ measures }) => measures).filter((measure) => keepsFloor(measure) === false);
}
