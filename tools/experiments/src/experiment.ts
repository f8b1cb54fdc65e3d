/** A line of an experiment's table, by column. */
export type ExperimentRow = Readonly<Record<string, string | number>>;

/** A question that training runs answer. */
export interface Experiment {
  readonly description: string;
  readonly columns: readonly string[];
  /** Trains, and tells each result as it is known. */
  run(): AsyncIterable<ExperimentRow>;
  /** What the rows together say, in a sentence. */
  conclude(rows: readonly ExperimentRow[]): string;
}
