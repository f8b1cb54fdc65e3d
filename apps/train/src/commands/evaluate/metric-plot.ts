import { parse, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { MetricRow } from './metric-rows.js';

/** Plots a metric of each model with its interval, as SVG. */
export async function metricPlot({ metrics }: MetricRow, labels: readonly string[]): Promise<string> {
  const scale = metrics[0]!.unit === 'share' ? 100 : 1;
  const values = metrics.flatMap((metric, i) => {
    if (metric === undefined) return [];
    const { value, interval = [value, value] } = metric;
    return { model: labels[i], value: scale * value, low: scale * interval[0], high: scale * interval[1] };
  });
  const y = { field: 'model', type: 'nominal', title: null, sort: null } as const;
  const axis = { title: scale === 100 ? '%' : null, tickCount: 5 };
  const x = (field: string) =>
    ({ field, type: 'quantitative', scale: { zero: false, nice: true, padding: 12 }, axis }) as const;
  const spec: TopLevelSpec = {
    data: { values },
    width: 280,
    height: { step: 20 },
    background: 'transparent',
    layer: [
      { mark: { type: 'rule', size: 2 }, encoding: { y, x: x('low'), x2: { field: 'high' } } },
      { mark: { type: 'point', filled: true, size: 60 }, encoding: { y, x: x('value') } },
    ],
    // Colors of the page, which has a dark mode.
    config: {
      point: { color: '#3b82c4' },
      rule: { color: '#3b82c4' },
      axis: {
        labelColor: 'gray',
        titleColor: 'gray',
        gridColor: '#8884',
        domainColor: 'gray',
        tickColor: 'gray',
      },
      view: { stroke: null },
    },
  };
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG();
}
