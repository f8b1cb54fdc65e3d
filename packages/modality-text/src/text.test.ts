import type { DiscreteModality } from '@transfusion/modality';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { text } from './text.js';
import { trainBpe } from './train-bpe.js';

describe('text', () => {
  it('is a discrete modality of bytes', () => {
    const modality = text();
    expectTypeOf(modality).toExtend<DiscreteModality<'text', string>>();
    expect(modality).toMatchObject({
      specificationVersion: 'v1',
      kind: 'discrete',
      name: 'text',
      id: 'bytes',
      vocabSize: 256,
    });
    expect(modality.decode(modality.encode('a 😀'))).toBe('a 😀');
    expect([modality.accepts('a'), modality.accepts(1)]).toEqual([true, false]);
  });

  it('accepts a different tokenizer and name', () => {
    const tokenizer = trainBpe(['abab'], { vocabSize: 258, specialTokens: ['<|end|>'] });
    const modality = text({ tokenizer, name: 'code' });
    expectTypeOf(modality.name).toEqualTypeOf<'code'>();
    expect(modality).toMatchObject({ name: 'code', id: tokenizer.id, vocabSize: 258, tokenizer });
    expect(modality.encode('ab')).toHaveLength(1);
  });

  it('neither encodes nor decodes control ids', () => {
    const tokenizer = trainBpe(['abab'], { vocabSize: 258, specialTokens: ['<|end|>'] });
    const modality = text({ tokenizer });
    expect(modality.decode(modality.encode('ab<|end|>'))).toBe('ab<|end|>');
    expect(modality.encode('ab<|end|>')).not.toContain(0);
    expect(modality.decode(Int32Array.of(0, 0))).toBe('');
  });
});
