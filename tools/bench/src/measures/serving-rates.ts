/** A server under load: latencies, and how much more it does for many clients than for one. */
import type { Measure, MeasureGroup } from '../measure.js';
import { meanOf, quantileOf } from '../statistics.js';
import {
  runServingLoad,
  type ServedRequest,
  type ServingKind,
  type ServingLoad,
  type ServingResult,
} from './serving-load.js';
import type { ServerProcess } from '@transfusion/serving/start-server';

/** Counts of a run. */
export interface ServingPlan {
  readonly numClients: number;
  /** Seconds of the mixed load; each of the others takes a quarter of it. */
  readonly seconds: number;
  readonly numInferenceSteps: number;
}

/** By request. */
const MIX: ServingLoad['mix'] = { text: 0.7, image: 0.2, edit: 0.1 };

const LABELS: Readonly<Record<ServingKind, string>> = { text: 'text', image: 'images', edit: 'edits' };

/** Measures a server; returns three groups. */
export async function measureServing(
  server: ServerProcess,
  { numClients, seconds, numInferenceSteps }: ServingPlan,
  progress: (what: string) => void,
): Promise<MeasureGroup[]> {
  const load = (
    what: string,
    mix: ServingLoad['mix'],
    rest: Partial<ServingLoad> = {},
  ): Promise<ServingResult> => {
    progress(what);
    return runServingLoad({ url: server.url, mix, numClients, seconds, numInferenceSteps, ...rest });
  };
  // The first requests of each kind are slower than all others.
  await load('Warming up', MIX, { numClients: 8, seconds: 2 });
  const part = { seconds: seconds / 8 };
  const one = { ...part, numClients: 1 };
  const alone = {
    oneText: () => load('Text, one client', { text: 1 }, one),
    texts: () => load(`Text, ${numClients} clients`, { text: 1 }, part),
    oneImage: () => load('Images, one client', { image: 1 }, one),
    images: () => load(`Images, ${numClients} clients`, { image: 1 }, part),
    edits: () => load(`Edits, ${numClients} clients`, { edit: 1 }, part),
    saturated: () =>
      load(
        'A text while images saturate',
        { text: 1 },
        { ...one, beside: { kind: 'image', numClients: 16 } },
      ),
  };
  // Before and after the mix, in reverse order: the speed of a machine that is shared drifts.
  const names = Object.keys(alone) as (keyof typeof alone)[];
  const results = new Map<keyof typeof alone, ServingResult[]>(names.map((name) => [name, []]));
  for (const name of names) results.get(name)!.push(await alone[name]());
  const watch = watchServer(server);
  const mixed = await load(`All kinds, ${numClients} clients`, MIX);
  const { growth, delay } = watch.stop();
  for (const name of names.toReversed()) results.get(name)!.push(await alone[name]());
  const of = (name: keyof typeof alone): ServingResult => together(results.get(name)!);
  const [oneText, oneImage, saturated] = [of('oneText'), of('oneImage'), of('saturated')];
  const rates = { text: rateOf(of('texts')), image: rateOf(of('images')), edit: rateOf(of('edits')) };
  return [
    {
      title: `Mixed load: ${numClients} clients, ${seconds} s, 70 % text, 20 % images, 10 % edits`,
      measures: [
        {
          ...measure(
            'mixed.errors',
            'failed requests',
            numberOfFailures([mixed, ...[...results.values()].flat()]),
            '',
          ),
          floor: { below: 1 },
          note: mixed.failures.join('; ') || undefined,
        },
        measure('mixed.rate', 'requests', rateOf(mixed), '1/s'),
        ...(['text', 'image', 'edit'] as const).flatMap((kind) =>
          latencies(`mixed.${kind}`, LABELS[kind], ofKind(mixed, kind)),
        ),
        ...firstTokens('mixed', ofKind(mixed, 'text')),
        measure('mixed.delay', 'delay of the event loop, p99 of the worst second', delay * 1000, 'ms', {
          floor: { below: 50 },
        }),
        measure('mixed.memory', 'growth of memory in the second half', 100 * growth, '%', {
          floor: { below: 5 },
        }),
      ],
    },
    {
      title: 'Many clients over one',
      measures: [
        measure('text.rate', `text, ${numClients} clients`, rates.text, '1/s'),
        measure('text.ratio', '  over one client', rates.text / rateOf(oneText), '', {
          floor: { atLeast: 4 },
        }),
        measure('image.rate', `images, ${numClients} clients`, rates.image, '1/s'),
        measure('image.ratio', '  over one client', rates.image / rateOf(oneImage), '', {
          floor: { atLeast: 1.3 },
        }),
        measure('edit.rate', `edits, ${numClients} clients`, rates.edit, '1/s'),
        measure(
          'mixed.ratio',
          'all kinds: of what these predict',
          rateOf(mixed) * predictedSeconds(mixed, rates),
          '',
          {
            floor: { atLeast: 0.85 },
          },
        ),
      ],
    },
    {
      title: 'A short text, and images beside it',
      measures: [
        ...firstTokens('alone', oneText.served),
        ...latencies('alone.text', 'text alone', oneText.served),
        ...latencies('alone.image', 'an image alone', oneImage.served),
        measure('alone.step', '  a denoising step of it', p(oneImage.served, 0.5) / numInferenceSteps, 'ms'),
        ...firstTokens('saturated', ofKind(saturated, 'text')),
        ...latencies('saturated.text', 'text while 16 clients ask for images', ofKind(saturated, 'text')),
        measure(
          'saturated.ratio',
          '  its p95 over that of a text alone',
          p(ofKind(saturated, 'text'), 0.95) / p(oneText.served, 0.95),
          '',
          { floor: { below: 3 } },
        ),
      ],
    },
  ];
}

const measure = (
  name: string,
  label: string,
  value: number,
  unit: string,
  rest: Partial<Measure> = {},
): Measure => ({ name, label, value, unit, ...rest });

function ofKind({ served }: ServingResult, kind: ServingKind): ServedRequest[] {
  return served.filter((request) => request.kind === kind);
}

function p(requests: readonly ServedRequest[], quantile: number): number {
  return quantileOf(
    requests.map(({ milliseconds }) => milliseconds),
    quantile,
  );
}

/** Returns the result of several loads, as if they had been one. */
function together(results: readonly ServingResult[]): ServingResult {
  return {
    served: results.flatMap(({ served }) => served),
    failures: results.flatMap(({ failures }) => failures),
    numFailures: numberOfFailures(results),
    milliseconds: results.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  };
}

/** Answered requests a second. */
function rateOf({ served, milliseconds }: ServingResult): number {
  return (1000 * served.length) / milliseconds;
}

/** Mean seconds of a request of the mix, from the rates of its kinds alone. */
function predictedSeconds(mixed: ServingResult, alone: Readonly<Record<ServingKind, number>>): number {
  return meanOf(mixed.served.map(({ kind }) => 1 / alone[kind]));
}

function latencies(name: string, label: string, requests: readonly ServedRequest[]): Measure[] {
  return [0.5, 0.95, 0.99].map((quantile) =>
    measure(`${name}.p${quantile * 100}`, `${label}, p${quantile * 100}`, p(requests, quantile), 'ms'),
  );
}

function firstTokens(name: string, requests: readonly ServedRequest[]): Measure[] {
  const times = requests.flatMap(({ firstToken }) => firstToken ?? []);
  return [0.5, 0.95].map((quantile) =>
    measure(
      `${name}.first-token.p${quantile * 100}`,
      `time to the first token, p${quantile * 100}`,
      quantileOf(times, quantile),
      'ms',
    ),
  );
}

function numberOfFailures(results: readonly ServingResult[]): number {
  return results.reduce((sum, { numFailures }) => sum + numFailures, 0);
}

/** Watches the memory of the server and of its model's process, and the delay of its event loop. */
function watchServer(server: ServerProcess): { stop(): { readonly growth: number; readonly delay: number } } {
  const memory: number[] = [];
  const delays: number[] = [];
  const timer = setInterval(() => {
    void (async () => {
      const own = 'process_resident_memory_bytes';
      const model = 'transfusion_model_resident_memory_bytes';
      const delay = 'nodejs_eventloop_lag_p99_seconds';
      const metrics = await server.metrics(own, model, delay);
      memory.push(metrics[own] + metrics[model]);
      delays.push(metrics[delay]);
    })();
  }, 1000);
  return {
    /**
     * Returns the growth from the third quarter of the time to the last, and the largest p99 of the delay of a second: each
     * time that it is read, prom-client begins again.
     */
    stop: () => {
      clearInterval(timer);
      const quarter = Math.max(1, memory.length >> 2);
      const growth = meanOf(memory.slice(-quarter)) / meanOf(memory.slice(-2 * quarter, -quarter)) - 1;
      return { growth, delay: Math.max(...delays) };
    },
  };
}
