import type { BackendVerdict } from './judge-backend.js';
import type { RegisteredSpec } from './spec-log.js';

/** Of the specs that pass on the reference, how many pass on the backend compared with it. */
export interface Share {
  readonly passed: number;
  readonly of: number;
}

export interface Comparison {
  readonly all: Share;
  readonly backendDependent: Share;
  /** Specs that pass on the reference and do not exist on the other; they count as not passing. */
  readonly missing: readonly string[];
}

/** The least share that a backend has to reach. */
export const FLOOR = 0.97;

/** Measures `compared` by what passes on `reference`. */
export function compareBackends(reference: BackendVerdict, compared: BackendVerdict): Comparison {
  const passing = reference.specs.filter(({ name }) => reference.passedSpecs.has(name));
  const existing = new Set(compared.specs.map(({ name }) => name));
  const shareOf = (specs: readonly RegisteredSpec[]): Share => ({
    passed: specs.filter(({ name }) => compared.passedSpecs.has(name)).length,
    of: specs.length,
  });
  return {
    all: shareOf(passing),
    backendDependent: shareOf(passing.filter(({ backendDependent }) => backendDependent)),
    missing: passing.map(({ name }) => name).filter((name) => !existing.has(name)),
  };
}

/** The share as a number from 0 to 1. */
export function ratio({ passed, of }: Share): number {
  return of === 0 ? 1 : passed / of;
}
