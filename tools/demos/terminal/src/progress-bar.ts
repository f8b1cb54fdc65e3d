/**
 * A progress bar on one line that draws over itself. Where lines cannot be drawn over (in a file or
 * a pipe) it prints a line for every tenth of the way instead.
 */
import { formatCount, formatDuration, formatPercent } from './format-number.js';
import { paint, type Terminal } from './terminal.js';

export interface ProgressBarOptions {
  readonly label: string;
  readonly total: number;
  /** The noun for the counted things, such as `step`. */
  readonly counted: string;
  /** Unit of the speed, such as `images`, and the number of them in one counted thing. */
  readonly unit: string;
  readonly unitsEach: number;
  /** Milliseconds of some clock. */
  readonly now?: () => number;
}

export interface ProgressBar {
  /** @param details what else to show, such as `loss 1.234`. */
  update(done: number, details?: string): void;
}

const LABEL_WIDTH = 10;
const NARROWEST_BAR = 5;
const WIDEST_BAR = 28;
/** Room kept for the text, so that the bar's length does not depend on it. */
const TEXT_WIDTH = 68;
/** Indentation, label, percentage, gaps, and one column at the end: a full line would wrap. */
const AROUND_BAR = 2 + LABEL_WIDTH + 1 + 5 + 3 + 1;
const MILLISECONDS_BETWEEN_FRAMES = 60;

export function createProgressBar(terminal: Terminal, options: ProgressBarOptions): ProgressBar {
  const { label, total, counted, unit, unitsEach, now = () => performance.now() } = options;
  const start = now();
  let first: { readonly done: number; readonly time: number } | undefined;
  let lastFrame = -Infinity;
  let lastTenth = 0;

  /** The first update is left out: compiling is not part of the speed. */
  const perSecond = (done: number): number | undefined =>
    first === undefined || done === first.done
      ? undefined
      : ((done - first.done) / (now() - first.time)) * 1000;

  const textOf = (done: number, details: string): string => {
    const speed = perSecond(done);
    const count = `${counted} ${formatCount(done).padStart(formatCount(total).length)}/${formatCount(total)}`;
    const time =
      done === total
        ? formatDuration((now() - start) / 1000)
        : speed === undefined
          ? ''
          : `${formatDuration((total - done) / speed)} left`;
    const rate = speed === undefined ? '' : `${formatCount(speed * unitsEach)} ${unit}/s`;
    return [count, details, rate, time].filter((part) => part !== '').join('   ');
  };

  const drawOver = (done: number, details: string): void => {
    if (done < total && now() - lastFrame < MILLISECONDS_BETWEEN_FRAMES) return;
    lastFrame = now();
    const room = terminal.columns - AROUND_BAR;
    const barWidth = Math.max(NARROWEST_BAR, Math.min(WIDEST_BAR, room - TEXT_WIDTH));
    const bar = drawBar(terminal, done / total, barWidth);
    const percent = formatPercent(Math.floor((done / total) * 100) / 100).padStart(5);
    const shown = textOf(done, details).slice(0, Math.max(0, room - barWidth));
    terminal.write(`\r\x1b[2K  ${label.padEnd(LABEL_WIDTH)}${bar} ${percent}   ${shown}`);
    if (done === total) terminal.write('\n');
  };

  const printLine = (done: number, details: string): void => {
    const tenth = Math.floor((done / total) * 10);
    if (tenth === lastTenth) return;
    lastTenth = tenth;
    const percent = formatPercent(Math.floor((done / total) * 100) / 100).padStart(5);
    terminal.write(`  ${label.padEnd(LABEL_WIDTH)}${percent}   ${textOf(done, details)}\n`);
  };

  return {
    update: (done, details = '') => {
      first ??= { done, time: now() };
      if (terminal.isInteractive) drawOver(done, details);
      else printLine(done, details);
    },
  };
}

function drawBar(terminal: Terminal, part: number, width: number): string {
  const filled = Math.floor(part * width);
  return paint(terminal, 'cyan', '━'.repeat(filled)) + paint(terminal, 'dim', '─'.repeat(width - filled));
}
