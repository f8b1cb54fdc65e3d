import type { Exclusion } from '../exclusions.js';
import type { BackendName } from './backends.js';
import type { BackendRun } from './run-backend.js';
import { matchesFilter, type Failure, type RegisteredSpec } from './spec-log.js';

export interface SpecCounts {
  readonly passed: number;
  /** Failed or not run, with a reason on the list. */
  readonly excluded: number;
  readonly failed: number;
  /** Disabled by the suite itself. */
  readonly pending: number;
}

export interface FailedSpec {
  readonly name: string;
  readonly failures: readonly Failure[];
}

export interface UsedExclusion {
  readonly exclusion: Exclusion;
  readonly specs: readonly string[];
}

export interface BackendVerdict {
  readonly backend: BackendName;
  readonly seconds: number;
  readonly all: SpecCounts;
  /** The specs of `all` that run on the backend under test. */
  readonly backendDependent: SpecCounts;
  /** The specs that exist on the backend and match the filter. */
  readonly specs: readonly RegisteredSpec[];
  readonly passedSpecs: ReadonlySet<string>;
  readonly failedSpecs: readonly FailedSpec[];
  readonly usedExclusions: readonly UsedExclusion[];
  /** Entries of the list that have to go, in words. */
  readonly staleExclusions: readonly string[];
}

/** Sorts what a backend's run gave into passed, excluded, failed and pending. */
export function judgeBackend(
  { backend, seconds, specs, outcomes, blockFailures }: BackendRun,
  exclusions: readonly Exclusion[],
  filter: string,
): BackendVerdict {
  const ours = exclusions.filter(({ backends }) => backends.includes(backend));
  const wanted = specs.filter(({ name }) => matchesFilter(name, filter));
  const all = { passed: 0, excluded: 0, failed: 0, pending: 0 };
  const backendDependent = { ...all };
  const passedSpecs = new Set<string>();
  const failedSpecs: FailedSpec[] = [];
  const staleExclusions: string[] = [];

  for (const spec of wanted) {
    const outcome = outcomes.get(spec.name);
    const exclusion = ours.find((entry) => covers(entry, spec.name));
    const kind =
      outcome?.status === 'passed' || outcome?.status === 'pending'
        ? outcome.status
        : exclusion === undefined
          ? 'failed'
          : 'excluded';
    all[kind]++;
    if (spec.backendDependent) backendDependent[kind]++;
    if (kind === 'passed') passedSpecs.add(spec.name);
    if (kind === 'failed') {
      const neverRan = [{ message: 'The spec was not run.', stack: '' }];
      failedSpecs.push({ name: spec.name, failures: outcome?.failures ?? neverRan });
    }
    if (kind === 'passed' && exclusion !== undefined) {
      staleExclusions.push(`${backend}: "${spec.name}" is excluded and passes`);
    }
  }

  // They have no spec of their own, yet something failed.
  for (const [name, failures] of blockFailures) {
    all.failed++;
    failedSpecs.push({ name, failures });
  }

  for (const entry of ours) {
    if (!specs.some(({ name }) => covers(entry, name))) {
      staleExclusions.push(`${backend}: the exclusion "${exclusionName(entry)}" matches no spec`);
    }
  }

  const usedExclusions = ours
    .map((exclusion) => ({
      exclusion,
      specs: wanted.map(({ name }) => name).filter((name) => covers(exclusion, name)),
    }))
    .filter((used) => used.specs.length > 0);
  return {
    backend,
    seconds,
    all,
    backendDependent,
    specs: wanted,
    passedSpecs,
    failedSpecs,
    usedExclusions,
    staleExclusions,
  };
}

export function exclusionName(exclusion: Exclusion): string {
  return 'spec' in exclusion ? exclusion.spec : `${exclusion.specsStartingWith}…`;
}

function covers(exclusion: Exclusion, name: string): boolean {
  return 'spec' in exclusion ? exclusion.spec === name : name.startsWith(exclusion.specsStartingWith);
}
