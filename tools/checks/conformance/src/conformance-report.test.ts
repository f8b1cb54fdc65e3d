import { expect, test } from 'vitest';
import type { Exclusion } from '../exclusions.js';
import type { BackendName } from './backends.js';
import { concludeReport } from './conformance-report.js';
import { judgeBackend } from './judge-backend.js';
import type { BackendRun } from './run-backend.js';
import type { SpecStatus } from './spec-log.js';

function runOf(backend: BackendName, statuses: Record<string, SpecStatus | 'not run'>): BackendRun {
  const names = Object.keys(statuses);
  return {
    backend,
    specs: names.map((name) => ({ name, backendDependent: name.startsWith('op') })),
    outcomes: new Map(
      Object.entries(statuses).flatMap(([name, status]) =>
        status === 'not run' ? [] : [[name, { status, failures: [] }] as const],
      ),
    ),
    blockFailures: new Map(),
    seconds: 0,
  };
}

const excluded: Exclusion = { backends: ['onnxruntime'], reason: 'complex64', spec: 'op > b' };

test('an excluded spec may fail, or not run', () => {
  for (const status of ['failed', 'not run'] as const) {
    const run = runOf('onnxruntime', { 'op > a': 'passed', 'op > b': status, 'io > c': 'pending' });
    const verdict = judgeBackend(run, [excluded], '');
    expect(verdict.all).toEqual({ passed: 1, excluded: 1, failed: 0, pending: 1 });
    expect(verdict.backendDependent).toEqual({ passed: 1, excluded: 1, failed: 0, pending: 0 });
    expect(concludeReport([verdict], '').problems).toEqual([]);
  }
});

test('an exclusion holds for its backends only', () => {
  const verdict = judgeBackend(runOf('cpu', { 'op > b': 'failed' }), [excluded], '');
  expect(concludeReport([verdict], '').problems).toEqual(['cpu: 1 failed']);
});

test('a spec that nobody excluded and that was not run is a failure', () => {
  const verdict = judgeBackend(runOf('cpu', { 'op > a': 'not run' }), [], '');
  expect(verdict.all.failed).toBe(1);
});

test('an exclusion of a spec that passes, or that does not exist, is a problem', () => {
  const passes = judgeBackend(runOf('onnxruntime', { 'op > b': 'passed' }), [excluded], '');
  expect(concludeReport([passes], '').problems).toEqual(['onnxruntime: "op > b" is excluded and passes']);
  const matchesNothing = judgeBackend(runOf('onnxruntime', { 'op > a': 'passed' }), [excluded], '');
  expect(concludeReport([matchesNothing], '').problems).toEqual([
    'onnxruntime: the exclusion "op > b" matches no spec',
  ]);
});

test('the floor counts excluded and missing specs as not passing', () => {
  const names = Array.from({ length: 100 }, (_, index) => `op > ${index}`);
  const all = (status: SpecStatus) => Object.fromEntries(names.map((name) => [name, status]));
  const cpu = judgeBackend(runOf('cpu', all('passed')), [], '');
  const onnxruntime = (changes: Record<string, SpecStatus>, dropped: readonly string[]) => {
    const statuses = { ...all('passed'), ...changes };
    for (const name of dropped) delete statuses[name];
    const exclusions = Object.keys(changes).map((spec) => ({ ...excluded, spec }));
    return judgeBackend(runOf('onnxruntime', statuses), exclusions, '');
  };

  const three = concludeReport(
    [cpu, onnxruntime({ 'op > 0': 'failed', 'op > 1': 'failed' }, ['op > 2'])],
    '',
  );
  expect(three.comparison?.all).toEqual({ passed: 97, of: 100 });
  expect(three.comparison?.missing).toEqual(['op > 2']);
  expect(three.problems).toEqual([]);

  const four = concludeReport([cpu, onnxruntime({ 'op > 0': 'failed' }, ['op > 1', 'op > 2', 'op > 3'])], '');
  expect(four.problems).toEqual([
    'onnxruntime is below the floor for all specs',
    'onnxruntime is below the floor for the specs that run on a backend',
  ]);
});
