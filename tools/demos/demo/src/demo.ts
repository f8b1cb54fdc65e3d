/** The whole demo: render, train, generate, caption, and write the page. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { selectEngine } from '@transfusion/engine';
import { countParams, createRng, disposeParams } from '@transfusion/nn';
import { runRecipe, type Recipe, type RunEvent, type RunResult } from '@transfusion/runs';
import {
  createProgressBar,
  formatCount,
  formatDuration,
  formatPercent,
  paint,
  printHeading,
  printLines,
  type Terminal,
} from '@transfusion/terminal';
import type { StepMetrics } from '@transfusion/trainer';
import { demoRecipe, PROGRESS_PROMPTS } from './demo-recipe.js';
import { fitToTime } from './fit-to-time.js';
import { openDemoSet, type DemoSet } from './demo-set.js';
import { renderPage } from './page/page.js';
import type { Caption, DemoResult, FactGroup, ProgressStep } from './page/result.js';
import type { DemoSettings } from './settings.js';
import { compareCaptions, compareGenerations, showLearned, showShipped } from './show-learned.js';

/** Figures of a demo run, for `--json`. */
export interface DemoFigures {
  readonly page: string;
  readonly parameters: number;
  readonly losses: {
    readonly first: Readonly<Record<string, number>>;
    readonly last: Readonly<Record<string, number>>;
  };
  readonly seconds: Readonly<Record<'render' | 'train' | 'show' | 'ship', number>>;
  readonly captions: readonly { readonly generated: string; readonly expected: string }[];
}

/** Runs the demo. The page and all intermediate files go into `directory`, which is emptied first. */
export async function runDemo(
  terminal: Terminal,
  wanted: DemoSettings,
  directory: string,
): Promise<DemoFigures> {
  const engine = await selectEngine('auto');
  terminal.write(`${paint(terminal, 'bold', 'Transfusion: one transformer for text and images')}\n`);
  printLines(terminal, [engine.description], 'dim');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });

  printHeading(terminal, '1  Captioned images');
  const set = openDemoSet(wanted.imageSize);
  const rendered = await timed(() => renderAll(terminal, set));
  printLines(terminal, [
    `${formatCount(set.train.length)} emoji in three styles to train on, ${formatCount(set.validation.length)} for validation.`,
  ]);

  printHeading(terminal, '2  Training from scratch');
  const settings = await fitToTime(wanted, set, join(directory, 'probe'));
  const recipe = demoRecipe(settings, set);
  const trained = await timed(() => trainVisibly(terminal, recipe, join(directory, 'run')));
  const { result, steps, progress } = trained.value;
  const learned = { model: result.model, params: result.ema };
  const parameters = countParams(learned.params);

  printHeading(terminal, '3  What it learned');
  const shown = await timed(() => showLearned(learned, set, settings));
  disposeParams(learned.params);

  printHeading(terminal, '4  The shipped model, for comparison');
  const shipped = await timed(() => showShipped(settings));
  const captions = await compareCaptions(set, shown.value, shipped.value, settings);
  printLines(terminal, captionLines(captions));

  const seconds = {
    render: rendered.seconds,
    train: trained.seconds,
    show: shown.seconds,
    ship: shipped.seconds,
  };
  const page = join(directory, 'index.html');
  await writeFile(
    page,
    renderPage({
      generations: await compareGenerations(set, shown.value, shipped.value),
      captions,
      edits: shipped.value.edits,
      progress,
      progressPrompts: PROGRESS_PROMPTS,
      losses: steps.map(({ step, parts }) => ({ step, parts })),
      headline: headlineOf(parameters, steps, seconds.train),
      facts: factsOf(settings, recipe, parameters, set, steps, seconds, engine.description),
    }),
  );
  terminal.write(`\n${paint(terminal, 'bold', 'Open this in a browser:')} ${page}\n`);
  const losses = { first: steps[0].parts, last: steps[steps.length - 1].parts };
  return { page, parameters, losses, seconds, captions };
}

async function renderAll(terminal: Terminal, { train, validation }: DemoSet): Promise<void> {
  const total = train.length + validation.length;
  const bar = createProgressBar(terminal, {
    label: 'rendering',
    total,
    counted: 'image',
    unit: 'images',
    unitsEach: 1,
  });
  let done = 0;
  for (const source of [train, validation]) {
    for (let index = 0; index < source.length; index++) {
      await source.read(index, createRng(0));
      bar.update(++done);
    }
  }
}

async function trainVisibly(
  terminal: Terminal,
  recipe: Recipe,
  directory: string,
): Promise<{ result: RunResult; steps: StepMetrics[]; progress: ProgressStep[] }> {
  const { totalSteps, batch } = recipe;
  const bar = createProgressBar(terminal, {
    label: 'training',
    total: totalSteps,
    counted: 'step',
    unit: 'docs',
    unitsEach: batch.numRows,
  });
  const steps: StepMetrics[] = [];
  const samples: { step: number; path: string }[] = [];
  const result = await runRecipe(recipe, {
    directory,
    onStep: (metrics) => {
      steps.push(metrics);
      const { tokens, image } = meanParts(steps.slice(-20));
      bar.update(metrics.step, `text ${tokens.toFixed(2)}  images ${image.toFixed(2)}`);
    },
    onEvent: (event: RunEvent) => {
      if (event.type === 'samples') samples.push({ step: event.step, path: event.path });
    },
  });
  const progress = await Promise.all(
    samples.map(async ({ step, path }) => ({ step, png: await readFile(`${path}.image.png`) })),
  );
  return { result, steps, progress };
}

function meanParts(steps: readonly StepMetrics[]): { tokens: number; image: number } {
  const mean = (part: string): number => {
    const values = steps.flatMap(({ parts }) => (parts[part] === undefined ? [] : [parts[part]]));
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return { tokens: mean('tokens'), image: mean('image') };
}

function captionLines(captions: readonly Caption[]): string[] {
  const width = Math.max(...captions.map(({ expected }) => expected.length));
  return [
    'Captions of validation images: reference, three-minute model, shipped model:',
    ...captions.map(
      ({ generated, shipped, expected }) =>
        `${expected.padEnd(width)}  →  ${generated.padEnd(width)}  |  ${shipped}`,
    ),
  ];
}

function headlineOf(
  parameters: number,
  steps: readonly StepMetrics[],
  seconds: number,
): DemoResult['headline'] {
  const documents = steps.reduce((sum, step) => sum + step.documents, 0);
  const [before, after] = [steps[0].parts, meanParts(steps.slice(-20))];
  return [
    { label: 'parameters', value: `${(parameters / 1e6).toFixed(1)} M` },
    { label: 'training', value: formatDuration(seconds) },
    { label: 'documents read', value: formatCount(documents) },
    { label: 'nats per byte of text', value: `${before['tokens'].toFixed(2)} → ${after.tokens.toFixed(2)}` },
    { label: 'diffusion loss', value: `${before['image'].toFixed(2)} → ${after.image.toFixed(2)}` },
  ];
}

function factsOf(
  { imageSize, numInferenceSteps, guidanceScale, seed }: DemoSettings,
  { transformer, batch, optimizer, totalSteps }: Recipe,
  parameters: number,
  { train, validation }: DemoSet,
  steps: readonly StepMetrics[],
  seconds: DemoFigures['seconds'],
  engine: string,
): FactGroup[] {
  const total = (of: (step: StepMetrics) => number): number => steps.reduce((sum, step) => sum + of(step), 0);
  return [
    {
      title: 'Model',
      facts: [
        ['parameters', formatCount(parameters)],
        [
          'transformer',
          `${transformer.numLayers} layers, width ${transformer.modelDim}, ${transformer.numHeads} heads`,
        ],
        ['text', 'bytes'],
        [
          'images',
          `${imageSize} × ${imageSize} pixels in patches of 4 × 4; rectified flow, predicts the clean image`,
        ],
      ],
    },
    {
      title: 'Training',
      facts: [
        ['images', `${formatCount(train.length)}; ${formatCount(validation.length)} for validation`],
        ['steps', `${formatCount(totalSteps)} of ${batch.numRows} rows of ${batch.rowLength} positions`],
        [
          'learning rate',
          `${optimizer.learningRate}, warm-up over ${optimizer.warmupSteps} steps, then a cosine`,
        ],
        ['seed', String(seed)],
        [
          'elements a second',
          formatCount(Math.round((total((s) => s.elements) / total((s) => s.stepMs)) * 1000)),
        ],
        ['waiting for data', formatPercent(total((s) => s.waitMs) / total((s) => s.stepMs))],
      ],
    },
    {
      title: 'Time',
      facts: [
        ['rendering the emoji', formatDuration(seconds.render)],
        ['training', formatDuration(seconds.train)],
        [
          'generation and captioning',
          `${formatDuration(seconds.show)}; ${numInferenceSteps} steps each, guidance ${guidanceScale}`,
        ],
        ['the same with the shipped model', formatDuration(seconds.ship)],
        ['machine', `${cpus()[0].model.trim()}, ${availableParallelism()} processors`],
        ['engine', engine],
      ],
    },
  ];
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const begun = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - begun) / 1000 };
}
