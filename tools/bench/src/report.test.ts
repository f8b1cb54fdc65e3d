import { expect, test } from 'vitest';
import { formatJson } from './format-json.js';
import { formatNumber, formatText } from './format-text.js';
import { keepsFloor, type Measure } from './measure.js';
import { missedFloors, type Report } from './report.js';

const measures: Measure[] = [
  { name: 'a.ratio', label: 'ratio', value: 0.9, unit: '', floor: { atLeast: 0.88 } },
  { name: 'a.call', label: 'call', value: 61, unit: 'µs', floor: { below: 60 } },
  {
    name: 'a.rate',
    label: 'rate',
    value: 120.4,
    unit: 'GFLOP/s',
    spread: { min: 98, median: 120.4, max: 131 },
    note: 'a note',
  },
];

const report: Report = {
  suite: 'engine',
  quick: false,
  machine: { processor: 'P', processors: 2, platform: 'linux-x64', node: 'v20', loadAverage: 0.1 },
  seconds: 12,
  groups: [{ title: 'Group', measures }],
};

test('floors', () => {
  expect(measures.map(keepsFloor)).toEqual([true, false, undefined]);
  expect(missedFloors(report).map(({ name }) => name)).toEqual(['a.call']);
});

test('a limit is kept at the floor, and missed by a value that is none', () => {
  const at = (value: number, floor: Measure['floor']) =>
    keepsFloor({ name: '', label: '', value, unit: '', floor });
  expect(at(0.88, { atLeast: 0.88 })).toBe(true);
  expect(at(60, { below: 60 })).toBe(false);
  expect(at(Number.NaN, { atLeast: 0 })).toBe(false);
  expect(at(Number.NaN, { below: 0 })).toBe(false);
});

test('JSON holds every measure by name, and the verdict', () => {
  const json = JSON.parse(formatJson(report));
  expect(json.ok).toBe(false);
  expect(Object.keys(json.measures)).toEqual(['a.ratio', 'a.call', 'a.rate']);
  expect(json.measures['a.call']).toEqual({
    label: 'call',
    value: 61,
    unit: 'µs',
    floor: { below: 60 },
    ok: false,
  });
});

test('text is aligned, marks each floor, and lists what is below', () => {
  const lines = formatText(report).split('\n');
  const line = (label: string) => lines.find((text) => text.trim().startsWith(`${label} `))!;
  expect(line('ratio')).toMatch(/0\.900 .* ≥ 0\.880 +OK$/);
  expect(line('call')).toMatch(/61 +µs .* < 60 +BELOW$/);
  expect(line('rate')).toMatch(/120 +GFLOP\/s +98 +120 +131 .* a note$/);
  expect(line('call').indexOf('BELOW')).toBe(line('ratio').indexOf('OK'));
  expect(lines).toContain('  a.call: 61 µs, expected < 60');
});

test('numbers', () => {
  expect([0.9123, 7.254, 48.34, 151.7, 1742, 12].map(formatNumber)).toEqual(
    ['0.912', '7.25', '48.3', '152', '1,742', '12'], //
  );
});
