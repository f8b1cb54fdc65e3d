/** The report of an evaluation: one page, beside the folders with the values that it shows. */
import type { StoredValue } from '@transfusion/runs';
import type { EvaluatedRun } from './evaluated-run.js';
import { cellsOf, formatProvenance } from './format-metric.js';
import { metricPlot } from './metric-plot.js';
import { metricRows, type MetricRow } from './metric-rows.js';

/** Writes the report as HTML, without scripts. */
export async function htmlReport(evaluated: readonly EvaluatedRun[]): Promise<string> {
  const labels = evaluated.map(({ label }) => label);
  const sections = await Promise.all(
    evaluated[0].evaluations.map(async ({ evaluator }, i) => {
      const provenance = evaluated.map(({ evaluations }) => formatProvenance(evaluations[i]));
      return [
        `<section><h2>${escaped(evaluator)}</h2>`,
        await table(metricRows(evaluated, i), labels),
        ...provenance.map((line) => `<p class="provenance">${escaped(line)}</p>`),
        ...evaluated.map((run) => examplesOf(run, i, evaluated.length > 1)),
        '</section>',
      ].join('\n');
    }),
  );
  const title = `Evaluation of ${labels.join(' and ')}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
<h1>${escaped(title)}</h1>
<p>Intervals cover 95 %. Differences are of pairs of the same examples, where examples have
values of their own; they are called better or worse if p &lt; 0.05 (permutation test), not corrected for their number.</p>
${sections.join('\n')}
</html>
`;
}

async function table(rows: readonly MetricRow[], labels: readonly string[]): Promise<string> {
  const [first, ...others] = labels;
  const head = ['metric', 'n', first, ...others.flatMap((label) => [label, `against ${first}`]), ''];
  const body = await Promise.all(
    rows.map(async (row) => {
      const [first] = row.metrics;
      const { betterIs } = first!;
      const direction = betterIs === undefined ? '' : { higher: ' ↑', lower: ' ↓' }[betterIs];
      const cells = cellsOf({ ...row, name: `${row.name}${direction}` });
      const plot = first!.interval === undefined ? '' : await metricPlot(row, labels);
      return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}<td>${plot}</td></tr>`;
    }),
  );
  const header = head.map((cell) => `<th scope="col">${escaped(cell)}</th>`).join('');
  return `<div class="wide"><table><thead><tr>${header}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

/** Shows the values of the first examples. */
function examplesOf({ label, evaluations }: EvaluatedRun, number: number, isLabeled: boolean): string {
  const { evaluator, examples } = evaluations[number];
  const folder = [label, evaluator].map(encodeURIComponent).join('/');
  const figures = examples.flatMap(({ shown }) => {
    const values = (shown ?? []) as readonly StoredValue[];
    if (values.length === 0) return [];
    return `<figure>${values.map((value) => valueOf(value, folder)).join('')}</figure>`;
  });
  if (figures.length === 0) return '';
  const heading = isLabeled ? `<h3>${escaped(label)}</h3>` : '';
  return `${heading}<div class="examples">${figures.join('\n')}</div>`;
}

function valueOf(value: StoredValue, folder: string): string {
  const caption = escaped(value.label);
  if ('text' in value) return `<p><b>${caption}</b> ${escaped(value.text)}</p>`;
  const path = `${folder}/${encodeURIComponent(value.file)}`;
  const [kind] = value.mediaType.split('/');
  if (kind === 'image')
    return `<div><img src="${path}" alt="${caption}" loading="lazy"><b>${caption}</b></div>`;
  if (kind === 'audio')
    return `<div><audio controls preload="none" src="${path}"></audio><b>${caption}</b></div>`;
  if (kind === 'video')
    return `<div><video controls preload="none" src="${path}"></video><b>${caption}</b></div>`;
  return `<p><b>${caption}</b> <a href="${path}">${escaped(value.file)}</a></p>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } h3 { font-size: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .75rem; text-align: left; border-bottom: 1px solid #8884; white-space: nowrap; }
td svg { display: block; }
.provenance { color: GrayText; font-size: .85rem; margin: .4rem 0; overflow-wrap: anywhere; }
.examples { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .75rem; margin: 1rem 0; }
figure { margin: 0; padding: .6rem; border: 1px solid #8884; border-radius: .5rem; }
figure div { display: inline-block; margin-right: .5rem; text-align: center; }
figure img { display: block; max-width: 100%; min-width: 5rem; image-rendering: pixelated; }
figure b { font-size: .75rem; font-weight: 500; color: GrayText; }
figure p { margin: .2rem 0; overflow-wrap: anywhere; }
`;
