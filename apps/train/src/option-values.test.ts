import { InvalidArgumentError } from 'commander';
import { expect, it } from 'vitest';
import { interval, positiveNumber, probability } from './option-values.js';

it('parses numbers', () => {
  expect(interval('200,800')).toEqual([200, 800]);
  expect(interval('0, 0.5')).toEqual([0, 0.5]);
  expect(['0', '1', '0.25'].map(probability)).toEqual([0, 1, 0.25]);
  expect(positiveNumber('1.2')).toBe(1.2);
});

it.each<[(text: string) => unknown, string]>([
  ...['', '5', '1,2,3', '2,1', ',2', 'a,b', '0,Infinity'].map((text): [typeof interval, string] => [
    interval,
    text,
  ]),
  ...['', '-0.1', '1.1', 'x'].map((text): [typeof probability, string] => [probability, text]),
  ...['', '0', '-1', 'Infinity', 'x'].map((text): [typeof positiveNumber, string] => [positiveNumber, text]),
])('%o refuses %j', (parse, text) => {
  expect(() => parse(text)).toThrow(InvalidArgumentError);
});
