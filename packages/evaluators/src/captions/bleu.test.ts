import { describe, expect, it } from 'vitest';
import golden from '../golden/captions.json' with { type: 'json' };
import { bleu, bleuScore, bleuStatistics } from './bleu.js';

describe.each(golden)('set %#', ({ samples, bleu: expected }) => {
  const statistics = samples.map((sample) => bleuStatistics(sample));

  it.each([1, 2, 3, 4])('has the BLEU-%d of COCO’s evaluation', (n) => {
    expect(bleuScore(statistics, n)).toBeCloseTo(expected.corpus[n - 1], 10);
    samples.forEach((_, i) =>
      expect(bleuScore([statistics[i]], n)).toBeCloseTo(expected.captions[n - 1][i], 10),
    );
  });

  it('has the scores of its sums', () => {
    expect(bleu(samples)).toEqual({
      corpus: bleuScore(statistics),
      scores: statistics.map((sums) => bleuScore([sums])),
    });
  });
});

it('counts what a pencil counts', () => {
  // Papineni et al. 2002, example 2: `the` seven times, of which the first reference has two.
  const sample = {
    candidate: 'the the the the the the the',
    references: ['The cat is on the mat.', 'There is a cat on the mat.'],
  };
  expect(bleuStatistics(sample)).toEqual({
    numMatches: [2, 0, 0, 0],
    numNgrams: [7, 6, 5, 4],
    numWords: 7,
    numReferenceWords: 7,
  });
  expect(bleuScore([bleuStatistics(sample)], 1)).toBeCloseTo(2 / 7, 8);
});

it('takes the shorter one of two references that are equally close, and penalizes a caption that is shorter', () => {
  const statistics = bleuStatistics({ candidate: 'a b c d', references: ['a b c d e', 'a b c'] });
  expect(statistics.numReferenceWords).toBe(3);
  const short = bleuStatistics({ candidate: 'a b c d', references: ['a b c d e'] });
  expect(bleuScore([short])).toBeCloseTo(Math.exp(1 - 5 / 4), 8);
});

it('takes other words', () => {
  const sample = { candidate: 'a-b', references: ['a b'] };
  expect(bleuStatistics(sample).numWords).toBe(2);
  const bySpaces = { tokenize: (caption: string) => caption.split(' ') };
  expect(bleuStatistics(sample, bySpaces).numWords).toBe(1);
  expect(bleu([sample], bySpaces).corpus).toBeLessThan(1e-3);
});

it('refuses no samples, and one without references', () => {
  expect(() => bleu([])).toThrow('bleu: found 0 samples, expected at least 1.');
  expect(() => bleu([{ candidate: 'a', references: [] }])).toThrow('bleu: sample 0 has no references');
});
