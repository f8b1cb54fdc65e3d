import { TransfusionError, type TransfusionErrorCode } from '@transfusion/errors';
import { expect, it } from 'vitest';
import { failureOf } from './inference-failure.js';
import { InferenceError, type InferenceRequest } from './model-host.js';

const request: InferenceRequest = { prompt: [], output: 'image', seeds: [1], options: {} };
const failed = (code: TransfusionErrorCode, ...rest: [InferenceRequest?, boolean?]) =>
  failureOf(new TransfusionError(code, 'a reason'), rest[0] ?? request, rest[1]);

it.each(['invalid-argument', 'invalid-record', 'not-found'] as const)(
  '%s is the fault of a request, until it has started',
  (code) => {
    expect(failed(code)).toMatchObject({ kind: 'invalid', message: 'a reason' });
    expect(failed(code, request, true).kind).toBe('internal');
  },
);

it.each([
  'mismatch',
  'invalid-file',
  'engine-missing',
  'out-of-memory',
  'disposed',
  'onnxruntime-compile',
  'onnxruntime-run',
  'read-in-jit',
] as const)('%s is the fault of the server, and has its stack', (code) => {
  const failure = failed(code);
  expect(failure.kind).toBe('internal');
  expect(failure.stack).toContain('inference-failure.test');
});

it('a sampler that does not fit is the fault of the request that names it', () => {
  expect(failed('mismatch', { ...request, options: { scheduler: 'heun' } }).kind).toBe('invalid');
});

it('keeps what the server has found itself, and takes anything else for a bug', () => {
  const own = new InferenceError('invalid', 'too many', 'max_tokens');
  expect(failureOf(own, request, true)).toMatchObject({
    kind: 'invalid',
    message: 'too many',
    param: 'max_tokens',
  });
  expect(failureOf(new RangeError('no'), request)).toMatchObject({ kind: 'internal', message: 'no' });
  expect(failureOf('no', request)).toMatchObject({ kind: 'internal', message: 'no' });
});
