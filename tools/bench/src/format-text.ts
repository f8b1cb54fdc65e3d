import { isBusy } from './machine.js';
import { keepsFloor, type Floor, type Measure } from './measure.js';
import { missedFloors, type Report } from './report.js';
import type { Spread } from './statistics.js';

/** The report as a person reads it: an aligned table, and what is below its floor. */
export function formatText(report: Report): string {
  const { suite, quick, machine, seconds, groups } = report;
  const { processor, processors, platform, node, loadAverage } = machine;
  const tables = groups.map(({ title, measures }) => [title, ...measures.map(rowOf)]);
  const rows = tables.flatMap(([, ...cells]) => cells) as string[][];
  const widths = HEADINGS.map((heading, i) => Math.max(heading.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]): string =>
    `  ${cells.map((cell, i) => (RIGHT.has(i) ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ')}`.trimEnd();

  return [
    `${suite} on ${processor}, ${processors} processors, ${platform}, node ${node}`,
    `load average at the start ${loadAverage.toFixed(2)}` +
      (isBusy(machine) ? ': other programs are running, so expect low and uneven figures' : ''),
    ...(quick ? ['quick: few samples, not to judge by'] : []),
    '',
    line(HEADINGS),
    ...tables.flatMap(([title, ...cells]) => ['', title as string, ...(cells as string[][]).map(line)]),
    '',
    verdict(report),
    `${seconds.toFixed(0)} s`,
  ].join('\n');
}

const HEADINGS = ['', 'value', '', 'min', 'median', 'max', 'floor', '', ''];
const RIGHT = new Set([1, 3, 4, 5]);

function rowOf(measure: Measure): string[] {
  const { label, value, unit, spread, floor, note } = measure;
  const kept = keepsFloor(measure);
  return [
    label,
    formatNumber(value),
    unit,
    ...spreadCells(spread),
    floor === undefined ? '' : formatFloor(floor),
    kept === undefined ? '' : kept ? 'OK' : 'BELOW',
    note ?? '',
  ];
}

function spreadCells(spread: Spread | undefined): string[] {
  return spread === undefined ? ['', '', ''] : [spread.min, spread.median, spread.max].map(formatNumber);
}

function formatFloor(floor: Floor): string {
  return 'atLeast' in floor ? `≥ ${formatNumber(floor.atLeast)}` : `< ${formatNumber(floor.below)}`;
}

/** About three significant digits, and whole numbers in full: 0.912, 7.25, 48.3, 1,742. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function verdict(report: Report): string {
  const missed = missedFloors(report);
  if (missed.length === 0) return 'OK: every floor is kept';
  return [
    `BELOW: ${missed.length} of the floors missed`,
    ...missed.map(
      (m) => `  ${m.name}: ${formatNumber(m.value)} ${m.unit}, expected ${formatFloor(m.floor!)}`,
    ),
  ].join('\n');
}
