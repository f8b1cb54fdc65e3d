/** A line of an experiment's table, by column. */
export type ExperimentRow = Readonly<Record<string, string | number>>;

/** An option of an experiment, `--name value`. */
export interface ExperimentOption {
  readonly description: string;
  /** The option is required if it has no default. */
  readonly default?: string;
}

/** The values of the options, defaults filled in. */
export type ExperimentValues = Readonly<Record<string, string>>;

/** A question that training runs answer. */
export interface Experiment {
  readonly description: string;
  readonly columns: readonly string[];
  /** Besides `--json`; defaults to none. */
  readonly options?: Readonly<Record<string, ExperimentOption>>;
  /** Trains, and yields each result as it is known. */
  run(values: ExperimentValues): AsyncIterable<ExperimentRow>;
  /** Sums up the rows in a sentence. */
  conclude(rows: readonly ExperimentRow[]): string;
}
