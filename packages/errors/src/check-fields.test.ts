import { expect, it } from 'vitest';
import { checkFields } from './check-fields.js';

const known = { topK: true, topP: true, temperature: true };

it('accepts known fields, whatever their values', () => {
  expect(() => checkFields('sample', {}, known)).not.toThrow();
  expect(() => checkFields('sample', { topK: undefined, temperature: null }, known)).not.toThrow();
});

it.each<[unknown, string]>([
  [
    { topk: 3 },
    "sample: found the unknown field 'topk', expected topK, topP, temperature. Did you mean 'topK'?",
  ],
  [{ topK: 3, temprature: 1 }, "Did you mean 'temperature'?"],
  [{ beams: 3 }, "found the unknown field 'beams', expected topK, topP, temperature. Remove it."],
  [{ toString: 3 }, "found the unknown field 'toString'"],
  [0.5, 'sample: found a number, expected an object.'],
  [null, 'sample: found null, expected an object.'],
  [['topK'], 'sample: found an array, expected an object.'],
])('refuses %j', (options, message) => {
  expect(() => checkFields('sample', options, known)).toThrow(message);
});
