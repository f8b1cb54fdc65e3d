import { describe, expect, it } from 'vitest';
import golden from '../golden/captions.json' with { type: 'json' };
import { ciderD } from './cider-d.js';

describe('ciderD', () => {
  it.each(golden)('has the scores of COCO’s evaluation, set %#', ({ samples, mean, scores }) => {
    const found = ciderD(samples);
    expect(found.mean).toBeCloseTo(mean, 10);
    scores.forEach((score, i) => expect(found.scores[i]).toBeCloseTo(score, 10));
  });

  it('is what a pencil finds', () => {
    // Of two images, `heart` is in the references of both (log 2/2 = 0), the other n-grams in those of one
    // or of none (log 2/1). First caption against `red heart`, in units of log 2:
    //   n = 1: red 2 (clipped to 1) · 1 / (2 · 1)            = 1 / 2
    //   n = 2: `red heart` 1 · 1 / (√2 · 1), for `red red`   = 1 / √2
    //   n = 3, 4: the reference has none                     = 0
    // and it is one word too long: exp(-1 / 72). The second shares only `heart`, which weighs nothing.
    const { scores, mean } = ciderD([
      { candidate: 'red red heart', references: ['red heart'] },
      { candidate: 'red heart', references: ['blue heart'] },
    ]);
    const expected = (10 / 4) * (1 / 2 + 1 / Math.SQRT2) * Math.exp(-1 / 72);
    expect(scores[0]).toBeCloseTo(expected, 12);
    expect(scores[1]).toBe(0);
    expect(mean).toBeCloseTo(expected / 2, 12);
  });

  it('gives 10 to captions of four words and more that are as written', () => {
    const captions = ['a red heart by noto', 'two blue stars by fluent', 'ein grüner Ball überall'];
    const { scores } = ciderD(captions.map((caption) => ({ candidate: caption, references: [caption] })));
    for (const score of scores) expect(score).toBeCloseTo(10, 10);
  });

  it('does not see case and punctuation, nor how a letter is composed', () => {
    const sample = { candidate: 'A Cafe\u0301, red!', references: ['a caf\u00e9 red'] };
    const other = { candidate: '', references: ['another'] };
    expect(ciderD([sample, other]).scores[0]).toBeCloseTo(7.5, 10);
  });

  it('refuses a single sample, which has no rare words, and one without references', () => {
    const sample = { candidate: 'a', references: ['a'] };
    expect(() => ciderD([sample])).toThrow('ciderD: found 1 samples, expected at least 2.');
    expect(() => ciderD([sample, { candidate: 'a', references: [] }])).toThrow(
      'ciderD: sample 1 has no references, expected at least one.',
    );
  });
});
