import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exclusion } from '../exclusions.js';
import { backends, type BackendName } from './backends.js';
import { bundleSuite } from './bundle-suite.js';
import { packageDirectory } from './package-directory.js';
import { runShard } from './run-shard.js';
import type { Failure, RegisteredSpec, SpecEvent, SpecStatus } from './spec-log.js';

export interface SpecOutcome {
  readonly status: SpecStatus;
  readonly failures: readonly Failure[];
}

export interface BackendRun {
  readonly backend: BackendName;
  /** Every spec of the suite that exists on this backend, whether it was run or not. */
  readonly specs: readonly RegisteredSpec[];
  /** By name of spec. */
  readonly outcomes: ReadonlyMap<string, SpecOutcome>;
  /** Failures outside of specs, by the block in which they happened. */
  readonly blockFailures: ReadonlyMap<string, readonly Failure[]>;
  readonly seconds: number;
}

export interface RunOptions {
  /** Run only specs whose name contains this; all when empty. */
  readonly filter: string;
  readonly exclusions: readonly Exclusion[];
  /** Let the output of the suite through, and map stacks to sources. */
  readonly verbose: boolean;
}

/** Runs the suite, or the part of it that the filter leaves, on one backend in processes of its own. */
export async function runBackend(backend: BackendName, options: RunOptions): Promise<BackendRun> {
  const { filter, exclusions, verbose } = options;
  const start = performance.now();
  const notRun = exclusions.filter((entry) => entry.run === false && entry.backends.includes(backend));
  const omit = notRun.flatMap((entry) => ('spec' in entry ? [entry.spec] : []));
  const omitStartingWith = notRun.flatMap((entry) =>
    'specsStartingWith' in entry ? [entry.specsStartingWith] : [],
  );
  const count = filter === '' ? backends[backend].processes : 1;

  // Below this package, so that the bundle finds its packages.
  const cache = join(packageDirectory, 'node_modules/.cache/conformance');
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, `${backend}-`));
  try {
    const bundlePath = join(directory, 'suite.mjs');
    await bundleSuite(backends[backend], bundlePath, { sourceMap: verbose });
    const job = { bundlePath, directory, backend, filter, omit, omitStartingWith, verbose };
    const shards = Array.from({ length: count }, (_, index) => runShard({ ...job, shard: { index, count } }));
    const events = (await Promise.all(shards)).flat();
    return { backend, ...collect(events), seconds: (performance.now() - start) / 1000 };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function collect(events: readonly SpecEvent[]): Pick<BackendRun, 'specs' | 'outcomes' | 'blockFailures'> {
  const outcomes = new Map<string, SpecOutcome>();
  const blockFailures = new Map<string, readonly Failure[]>();
  let specs: readonly RegisteredSpec[] = [];
  for (const event of events) {
    if (event.type === 'registered') specs = event.specs;
    if (event.type === 'finished') outcomes.set(event.name, event);
    if (event.type === 'block-failed') {
      blockFailures.set(event.name, [...(blockFailures.get(event.name) ?? []), ...event.failures]);
    }
  }
  return { specs, outcomes, blockFailures };
}
