import type { MeasureGroup } from './measure.js';

export interface SuiteOptions {
  /** Fewer samples and steps: to see that it works, not to judge by. */
  readonly quick: boolean;
  /** Told what is being measured right now. */
  readonly progress: (what: string) => void;
}

/** A benchmark that `npm run bench -- <name>` runs: measures one part of the project, each value once. */
export interface Suite {
  readonly description: string;
  run(options: SuiteOptions): Promise<MeasureGroup[]>;
}
