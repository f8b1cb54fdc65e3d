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

it('tells about files and records on one line of printable text, whatever it quotes', () => {
  const quoted = `a.json: found "x\r\n  y\u0000\u001b[31m". Mend it.`;
  expect(new TransfusionError('invalid-file', quoted).message).toBe(
    'a.json: found "x y\\x00\\x1b[31m". Mend it.',
  );
  expect(new TransfusionError('invalid-argument', quoted).message).toBe(quoted);
  const { message } = new TransfusionError('invalid-record', `a.json: ${'x'.repeat(5000)}. Mend it.`);
  expect(message).toMatch(/^a\.json: x+ … x+\. Mend it\.$/);
  expect(message.length).toBeLessThan(1600);
});

it('invariant builds its message only when it throws', () => {
  invariant(true, () => expect.fail());
  expect(() => invariant(0, () => 'more than none')).toThrow('broken invariant: more than none');
});
