import { describe, expect, it } from 'vitest';
import { incrementModel, pair } from '../testing-internals/increment-model.js';
import { createNativeSession } from './ort-binding.js';

describe('internals of onnxruntime-node that this package relies on', () => {
  it('runs a model at once, reading and writing arrays of the caller', () => {
    const session = createNativeSession(incrementModel(), { intraOpNumThreads: 1, logSeverityLevel: 4 });
    const output = new Float32Array(2);
    session.run({ x0: pair(Float32Array.of(1, 2)) }, { t0: pair(output) }, {});
    expect([...output]).toEqual([2, 3]);
    session.dispose();
  });

  it('takes a model that lies somewhere in a larger buffer', () => {
    const model = incrementModel();
    const padded = new Uint8Array(model.length + 7);
    padded.set(model, 5);
    const session = createNativeSession(padded.subarray(5, 5 + model.length), { logSeverityLevel: 4 });
    const output = new Float32Array(2);
    session.run({ x0: pair(Float32Array.of(4, 5)) }, { t0: pair(output) }, {});
    expect([...output]).toEqual([5, 6]);
    session.dispose();
  });

  it('throws at an invalid model', () => {
    expect(() => createNativeSession(Uint8Array.of(1, 2, 3), { logSeverityLevel: 4 })).toThrow();
    expect(() => createNativeSession(new Uint8Array(0), { logSeverityLevel: 4 })).toThrow();
  });

  it('throws at input and output that do not fit', () => {
    const session = createNativeSession(incrementModel(), { logSeverityLevel: 4 });
    const good = pair(new Float32Array(2));
    expect(() => session.run({}, { t0: good }, {})).toThrow();
    expect(() => session.run({ x0: { ...good, dims: [3] } }, { t0: good }, {})).toThrow();
    expect(() =>
      session.run({ x0: good }, { t0: { ...good, dims: [3], data: new Float32Array(3) } }, {}),
    ).toThrow();
    expect(() =>
      session.run({ x0: { ...good, type: 'int32', data: new Int32Array(2) } }, { t0: good }, {}),
    ).toThrow();
    session.dispose();
  });
});
