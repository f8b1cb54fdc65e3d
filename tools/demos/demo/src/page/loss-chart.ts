import { html, type Html } from './html.js';
import type { LossPoint } from './result.js';

const WIDTH = 640;
const HEIGHT = 200;
const MARGIN = { left: 44, right: 12, top: 12, bottom: 28 };

/** Charts one part of the loss over the steps, on a log scale: each step faint, their moving average bold. */
export function lossChart(points: readonly LossPoint[], part: string, title: string): Html {
  const values = points.flatMap(({ step, parts }) =>
    parts[part] === undefined ? [] : [{ step, value: parts[part] }],
  );
  if (values.length < 2) return html``;
  const lastStep = values[values.length - 1].step;
  const logs = values.map(({ value }) => Math.log10(value));
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  const x = (step: number): number => MARGIN.left + (step / lastStep) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (log: number): number =>
    MARGIN.top + ((high - log) / (high - low || 1)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const path = (line: readonly number[]): string =>
    line
      .map((log, i) => `${i === 0 ? 'M' : 'L'}${x(values[i].step).toFixed(1)} ${y(log).toFixed(1)}`)
      .join('');
  const ticks = ticksBetween(10 ** low, 10 ** high);
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title} by training step">
      ${ticks.map(
        (tick) =>
          html`<line
              class="grid"
              x1="${MARGIN.left}"
              x2="${WIDTH - MARGIN.right}"
              y1="${y(Math.log10(tick))}"
              y2="${y(Math.log10(tick))}"
            />
            <text x="${MARGIN.left - 6}" y="${y(Math.log10(tick)) + 4}" text-anchor="end"
              >${formatTick(tick)}</text
            >`,
      )}
      <path class="each" d="${path(logs)}" />
      <path class="mean" d="${path(runningMean(logs))}" />
      <text x="${MARGIN.left}" y="${HEIGHT - 8}">0</text>
      <text x="${WIDTH - MARGIN.right}" y="${HEIGHT - 8}" text-anchor="end">${lastStep} steps</text>
    </svg>
  </figure>`;
}

/** Exponential, over about twenty steps, without the pull towards the start. */
function runningMean(values: readonly number[]): number[] {
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    sum = 0.95 * sum + 0.05 * value;
    weight = 0.95 * weight + 0.05;
    return sum / weight;
  });
}

/** 1, 2 and 5 times powers of ten. */
function ticksBetween(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const digit of [1, 2, 5]) {
      const tick = digit * 10 ** power;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks;
}

function formatTick(tick: number): string {
  return String(Number(tick.toPrecision(1)));
}
