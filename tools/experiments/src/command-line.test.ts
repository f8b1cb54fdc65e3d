import { expect, test } from 'vitest';
import { numberValue, parseCommand, usage } from './command-line.js';
import type { Experiment } from './experiment.js';

const plain: Experiment = {
  description: 'asks',
  columns: [],
  async *run() {},
  conclude: () => '',
};
const experiments = {
  plain,
  told: {
    ...plain,
    options: {
      run: { description: 'the folder' },
      count: { description: 'how many', default: '8' },
    },
  },
};
const parse = (line: string) => parseCommand(line === '' ? [] : line.split(' '), experiments);

test('takes the options of the experiment, and fills in defaults', () => {
  expect(parse('-- told --run here --count 3')).toMatchObject({
    name: 'told',
    json: false,
    values: { run: 'here', count: '3' },
  });
  expect(parse('told --json --run=here')).toMatchObject({ json: true, values: { run: 'here', count: '8' } });
  expect(parse('plain')).toMatchObject({ name: 'plain', values: {} });
});

test.each([
  ['', 'which experiment?'],
  ['other', "no experiment 'other'"],
  ['plain told', 'one experiment at a time, not also told'],
  ['told', 'told needs --run'],
  ['plain --count 3', /Unknown option '--count'/],
])('%j is a mistake', (line, message) => {
  expect(parse(line)).toMatch(message);
});

test('lists all options', () => {
  expect(usage(experiments)).toMatch(/told +asks\n +--run +the folder\n +--count +how many \(8\)/);
});

test('numbers are numbers, and large enough', () => {
  expect(numberValue({ count: '3' }, 'count', 2)).toBe(3);
  for (const count of ['', 'x', '1']) {
    expect(() => numberValue({ count }, 'count', 2)).toThrow(`--count is '${count}', expected a number`);
  }
});
