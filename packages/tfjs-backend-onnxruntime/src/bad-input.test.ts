// Intended differences from `cpu` are listed in testing-internals/differences-from-cpu.md.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { assertAllClose } from './testing-internals/all-close.js';
import { ATTEMPTS } from './testing-internals/attempts/all.js';
import type { Attempt } from './testing-internals/attempts/attempt.js';
import type { AttemptReport, Outcome } from './testing-internals/attempts/run-attempts.js';
import type { TensorSpec } from './testing-internals/tensor-spec.js';

const SCRIPT = fileURLToPath(new URL('testing-internals/attempts/run-attempts.ts', import.meta.url));
const TOLERANCE = { relative: 1e-5, absolute: 1e-6 };

/** Outcome of each attempt: its report, or how it ended the process. */
type Result = AttemptReport | { readonly index: number; readonly ended: string };

/** Runs all attempts; after one that ends the process, another process goes on with the next. */
function runAttempts(): Result[] {
  const results: Result[] = [];
  while (results.length < ATTEMPTS.length) {
    const { stdout, stderr, status, signal } = spawnSync(
      process.execPath,
      ['--conditions=@transfusion/source', '--import', 'tsx', SCRIPT, String(results.length)],
      { encoding: 'utf8', timeout: 120_000, maxBuffer: 2 ** 28 },
    );
    for (const line of stdout.split('\n')) {
      if (line.startsWith('{"index"')) results.push(JSON.parse(line, decode) as AttemptReport);
    }
    if (results.length < ATTEMPTS.length) {
      results.push({
        index: results.length,
        ended: `${signal ?? `exit code ${status}`}\n${stderr.slice(-2000)}`,
      });
    }
  }
  return results;
}

function decode(key: string, value: unknown): unknown {
  return typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value) && key !== 'message'
    ? Number(value)
    : value;
}

function check({ expected, atCall, messageParts }: Attempt, { cpu, here }: AttemptReport): void {
  for (const [mode, outcome] of Object.entries(here)) {
    const mustThrow = expected === 'throws' || (expected === 'as cpu' && cpu!.kind === 'error');
    expect(outcome.kind, `${mode}: ${describeOutcome(outcome)}`).toBe(mustThrow ? 'error' : 'values');
    if (outcome.kind === 'error') {
      if (atCall)
        expect(outcome.at, `${mode} throws when the result is read: ${outcome.message}`).toBe('call');
      for (const word of messageParts)
        expect(outcome.message.toLowerCase(), mode).toContain(word.toLowerCase());
    } else if (cpu?.kind === 'values') {
      expect(outcome.values.length).toBe(cpu.values.length);
      cpu.values.forEach((wanted: TensorSpec, i: number) =>
        assertAllClose(outcome.values[i], wanted, TOLERANCE, `${mode}, result ${i}`),
      );
    }
  }
}

function describeOutcome(outcome: Outcome): string {
  return outcome.kind === 'error' ? outcome.message : JSON.stringify(outcome.values);
}

describe('bad input does not end the process, and behaves as on cpu or throws', () => {
  const results = runAttempts();
  ATTEMPTS.forEach((attempt, i) => {
    it(attempt.name, () => {
      const result = results[i];
      if ('ended' in result) throw new Error(`ended the process: ${result.ended}`);
      check(attempt, result);
    });
  });

  it('has a name for each attempt', () => {
    expect(new Set(ATTEMPTS.map(({ name }) => name)).size).toBe(ATTEMPTS.length);
  });
});
