import { expect, test } from 'vitest';
import { judgedShares } from './judged-shares.js';

const subjects = ['apple', 'pear', 'plum', 'fig', 'lime', 'kiwi'];
const expected = [
  { style: 'noto', subject: 'apple' },
  { style: 'fluent', subject: 'pear' },
  { style: 'noto', subject: 'kiwi' },
  { style: 'noto', subject: 'lime' },
];

test('a perfect judge of perfect images', () => {
  const judgments = expected.map(({ style, subject }) => ({ style, subjects: [subject, 'other'] }));
  expect(judgedShares(judgments, expected)).toEqual({ style: 1, subjectTop1: 1, subjectTop5: 1 });
});

test('counts top-1 and top-5 subjects', () => {
  const judgments = expected.map(() => ({ style: 'noto', subjects }));
  expect(judgedShares(judgments, expected)).toEqual({ style: 0.75, subjectTop1: 0.25, subjectTop5: 0.75 });
});
