import { describe, expect, it } from 'vitest';
import { invariant, TransfusionError } from './transfusion-error.js';

describe('TransfusionError', () => {
  it('has a code, a cause and a name', () => {
    const cause = new Error('why');
    const error = new TransfusionError('mismatch', 'what', { cause });
    expect(error).toMatchObject({ code: 'mismatch', message: 'what', cause, name: 'TransfusionError' });
    expect(error).toBeInstanceOf(Error);
  });

  it('is recognized across copies of the package', () => {
    const foreign = { [Symbol.for('@transfusion/TransfusionError')]: true };
    expect(TransfusionError.isInstance(new TransfusionError('not-found', 'x'))).toBe(true);
    expect(TransfusionError.isInstance(foreign)).toBe(true);
    for (const other of [new Error('x'), null, undefined, 'x', {}]) {
      expect(TransfusionError.isInstance(other)).toBe(false);
    }
  });
});

it('invariant builds its message only when it throws', () => {
  invariant(true, () => expect.fail());
  expect(() => invariant(0, () => 'more than none')).toThrow('broken invariant: more than none');
});
