/** A spec of the suite: `describe > nested describe > it`, the same on every backend. */
export interface RegisteredSpec {
  readonly name: string;
  /** True if it runs on the backend under test (`describeWithFlags`), and not on none (`describe`). */
  readonly backendDependent: boolean;
}

export interface Failure {
  readonly message: string;
  readonly stack: string;
}

/** The outcome of a spec in jasmine's words; `pending` is one that the suite itself disables. */
export type SpecStatus = 'passed' | 'failed' | 'pending';

/** One line of the log through which a suite process reports; written synchronously, so that it survives a crash. */
export type SpecEvent =
  | { readonly type: 'registered'; readonly specs: readonly RegisteredSpec[] }
  | { readonly type: 'started'; readonly name: string }
  | {
      readonly type: 'finished';
      readonly name: string;
      readonly status: SpecStatus;
      readonly failures: readonly Failure[];
    }
  | { readonly type: 'block-failed'; readonly name: string; readonly failures: readonly Failure[] }
  | { readonly type: 'completed' };

/** The work of one suite process. */
export interface SuiteJob {
  readonly backend: string;
  readonly logPath: string;
  /** Run only specs whose name contains this, in any case. */
  readonly filter: string;
  /** Run the top-level blocks whose position, modulo `count`, is `index`. */
  readonly shard: { readonly index: number; readonly count: number };
  /** Names of specs not to run: known to hang or crash, or done by an earlier process. */
  readonly omit: readonly string[];
  readonly omitStartingWith: readonly string[];
}

export function matchesFilter(name: string, filter: string): boolean {
  const wanted = filter.toLowerCase();
  const lower = name.toLowerCase();
  return lower.includes(wanted) || lower.replaceAll(' > ', ' ').includes(wanted);
}
