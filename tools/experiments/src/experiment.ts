/** A line of an experiment's table, by column. */
export type ExperimentRow = Readonly<Record<string, string | number>>;

/** Something that the command line may say of an experiment, `--name value`. */
export interface ExperimentOption {
  readonly description: string;
  /** What it is if it is not said; an option without must be said. */
  readonly default?: string;
}

/** What the command line says, by option; defaults filled in. */
export type ExperimentValues = Readonly<Record<string, string>>;

/** A question that training runs answer. */
export interface Experiment {
  readonly description: string;
  readonly columns: readonly string[];
  /** Besides `--json`; none by default. */
  readonly options?: Readonly<Record<string, ExperimentOption>>;
  /** Trains, and tells each result as it is known. */
  run(values: ExperimentValues): AsyncIterable<ExperimentRow>;
  /** What the rows together say, in a sentence. */
  conclude(rows: readonly ExperimentRow[]): string;
}
