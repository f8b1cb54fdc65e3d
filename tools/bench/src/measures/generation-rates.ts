/** Speed of generation: of the engine, of the plain loop, and against what the machine's processors and memory allow. */
import {
  countTransformerParams,
  createEngine,
  generate,
  spanGroupKinds,
  type GenerationEngine,
  type GenerationEvent,
  type GenerationRequest,
} from '@transfusion/core';
import { generatePlain } from '@transfusion/core/testing';
import type { Measure, MeasureGroup } from '../measure.js';
import type { GenerationModel } from '../models/generation.js';
import { medianOf } from '../statistics.js';
import { captionRequests, imageRequests, textRequests } from './generation-requests.js';
import { sampled } from './rate-groups.js';
import { compiledSquareProduct, sampleSgemm, sgemmRate, type SgemmSamples } from './sgemm.js';

/** Counts of a run. */
export interface GenerationPlan {
  /** Tokens of each document. */
  readonly numTokens: number;
  /** Tokens of each document of the plain loop, which is slow. */
  readonly numPlainTokens: number;
  readonly rounds: number;
  readonly numSteps: number;
  readonly imageBatches: readonly number[];
  readonly sgemmSizes: readonly number[];
}

/** Measures a model; returns one group. */
export async function measureGeneration(
  generation: GenerationModel,
  plan: GenerationPlan,
): Promise<MeasureGroup> {
  const { name, title, model, params } = generation;
  // Room for the prompts of all rows, so that decoding is measured without reading them.
  const engine = createEngine(model, params, { maxPrefixBytes: 2 ** 28 });
  await engine.warmUp();
  const measures: Measure[] = [];
  const add = (
    key: string,
    label: string,
    samples: readonly number[],
    unit: string,
    rest: Partial<Measure> = {},
  ) => measures.push({ ...sampled(`${name}.${key}`, label, samples, unit), ...rest });

  await decode(engine, generation, plan, add);
  await prefill(engine, plan, add);
  await latencies(engine, plan, add);
  await images(engine, generation, plan, add);
  engine.dispose();
  return { title, measures };
}

type Add = (
  key: string,
  label: string,
  samples: readonly number[],
  unit: string,
  rest?: Partial<Measure>,
) => void;

/** Tokens a second at 1 and 16 rows, beside the plain loop and the rate at which memory gives the weights. */
async function decode(
  engine: GenerationEngine,
  { name, model, params }: GenerationModel,
  { numTokens, numPlainTokens, rounds }: GenerationPlan,
  add: Add,
): Promise<void> {
  const fast: Record<number, number[]> = { 1: [], 16: [] };
  const plain: Record<number, number[]> = { 1: [], 16: [] };
  const text: Record<number, number[]> = { 1: [], 16: [] };
  const memory: number[] = [];
  for await (const event of generate(engine, captionRequests(model, 16, 1))) void event;
  for (let round = 0; round < rounds; round++) {
    memory.push(copyBandwidth());
    for (const rows of [1, 16]) {
      fast[rows].push(await tokenRate(generate(engine, captionRequests(model, rows, numTokens)), rows));
    }
    for (const rows of [1, 16]) {
      text[rows].push(await tokenRate(generate(engine, textRequests(rows, numTokens)), rows));
    }
    for (const rows of round < Math.ceil(rounds / 3) ? [1, 16] : []) {
      const events = generatePlain(model, params, captionRequests(model, rows, numPlainTokens));
      plain[rows].push(await tokenRate(events, rows));
    }
  }
  for (const rows of [1, 16]) {
    const ratio = medianOf(fast[rows]) / medianOf(plain[rows]);
    add(`decode.${rows}`, `captions, ${rows} ${rows === 1 ? 'row' : 'rows'}`, fast[rows], 'tokens/s');
    add(`decode.${rows}.plain`, '  the plain loop', plain[rows], 'tokens/s');
    add(`decode.${rows}.ratio`, '  ratio', [ratio], '', { floor: { atLeast: rows === 1 ? 5 : 12 } });
  }
  const weights =
    4 *
    (countTransformerParams(model.transformer, model.vocabulary.size) -
      model.vocabulary.size * model.transformer.modelDim);
  const allowed = medianOf(memory) / weights;
  add(
    'memory',
    'memory bandwidth (copy)',
    memory.map((bytes) => bytes / 1e9),
    'GB/s',
  );
  add('text.1', 'text, 1 row', text[1], 'tokens/s');
  add('text.16', 'text, 16 rows', text[16], 'tokens/s');
  add('decode.memory', '  1 row: of what memory allows', [medianOf(text[1]) / allowed], '', {
    floor: name === '40m' ? { atLeast: 0.6 } : undefined,
    note: `${(weights / 1e6).toFixed(0)} MB of weights a token`,
  });
  add('decode.batching', '  16 rows over 1 row', [medianOf(text[16]) / medianOf(text[1])], '', {
    floor: name === '40m' ? { atLeast: 5 } : undefined,
  });
}

/** Elements of prompts a second. */
async function prefill(engine: GenerationEngine, { rounds }: GenerationPlan, add: Add): Promise<void> {
  const [length, count] = [500, 8];
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // Other letters in each round: what is known of a prompt is not computed again.
    const requests = textRequests(count, 1, length + round);
    const started = performance.now();
    for await (const event of generate(engine, requests)) void event;
    rates.push((1000 * count * (length + round)) / (performance.now() - started));
  }
  add('prefill', `reading ${count} prompts of ${length} tokens`, rates, 'elements/s');
}

/** Time until there is something to show. */
async function latencies(
  engine: GenerationEngine,
  { rounds, numSteps }: GenerationPlan,
  add: Add,
): Promise<void> {
  const times: Record<'token' | 'denoise-step', number[]> = { token: [], 'denoise-step': [] };
  for (let round = 0; round < rounds; round++) {
    const [text, image] = [textRequests(1, 1, 20 + round)[0], imageRequests(round + 1, numSteps)[round]];
    times.token.push(await firstMilliseconds(engine, text, 'token'));
    times['denoise-step'].push(await firstMilliseconds(engine, image, 'denoise-step'));
  }
  add('first-token', 'time to the first token', times.token, 'ms');
  add('first-preview', 'time to the first preview', times['denoise-step'], 'ms');
}

/** Images a second with guidance, and the rate of the model in them. */
async function images(
  engine: GenerationEngine,
  { name, model }: GenerationModel,
  { numSteps, imageBatches, sgemmSizes, rounds }: GenerationPlan,
  add: Add,
): Promise<void> {
  const products = sgemmSizes.map(compiledSquareProduct);
  sampleSgemm(products, 0);
  for (const batch of imageBatches) {
    const [rates, steps]: [number[], number[]] = [[], []];
    const samples: SgemmSamples[] = [sampleSgemm(products, 200)];
    for (let round = 0; round < Math.max(2, Math.ceil(rounds / 3)); round++) {
      const started = performance.now();
      const times = await tickTimes(generate(engine, imageRequests(batch, numSteps)), 'denoise-step');
      rates.push((1000 * batch) / (performance.now() - started));
      steps.push(medianOf(times));
      samples.push(sampleSgemm(products, 200));
    }
    const ofSgemm = stepFlops(model, batch) / medianOf(steps) / 1e6 / sgemmRate(samples);
    const label = batch === 1 ? '1 image' : `${batch} images`;
    add(`images.${batch}`, `${label} at once, ${numSteps} steps with guidance`, rates, 'images/s', {
      note: 'latents, without the codec',
    });
    add(`images.${batch}.step`, '  a denoising step', steps, 'ms');
    add(`images.${batch}.sgemm`, '  of the matrix product’s rate', [ofSgemm], '', {
      floor: name === '40m' ? { atLeast: 0.7 } : undefined,
      note: `${(stepFlops(model, batch) / 1e9).toFixed(1)} GFLOP; ${sgemmRate(samples).toFixed(0)} GFLOP/s`,
    });
  }
  for (const product of products) product.dispose();
}

/** Floating-point operations of a denoising step: each image in two rows, after a prefix in a cache of 64. */
function stepFlops(model: GenerationModel['model'], batch: number): number {
  const { modelDim: D, numLayers, numHeads, numKvHeads, ffnDim: F } = model.transformer;
  const [{ modality, latentShape, spanLength: P }] = spanGroupKinds(model.modalities);
  const kvDim = (D / numHeads) * numKvHeads;
  const matrices = numLayers * (2 * D * D + 2 * D * kvDim + 3 * D * F);
  const attention = 4 * numLayers * P * (P + 64) * D;
  return batch * (2 * (2 * matrices * P + attention) + modality.createAdapter(D).flops(latentShape));
}

/** Tokens a second of all documents together, while all of them write. */
async function tokenRate(events: AsyncIterable<GenerationEvent>, numDocuments: number): Promise<number> {
  const times = Array.from({ length: numDocuments }, (): number[] => []);
  for await (const { type, request } of events) if (type === 'token') times[request].push(performance.now());
  const begin = Math.max(...times.map((ofDocument) => ofDocument[0]));
  const end = Math.min(...times.map((ofDocument) => ofDocument[ofDocument.length - 1]));
  const written = times.flat().filter((time) => time > begin && time <= end).length;
  return (1000 * written) / (end - begin);
}

/** Milliseconds between the events of a kind of the first request. */
async function tickTimes(
  events: AsyncIterable<GenerationEvent>,
  type: GenerationEvent['type'],
): Promise<number[]> {
  const times: number[] = [];
  let last: number | undefined;
  for await (const event of events) {
    if (event.request !== 0 || event.type !== type) continue;
    const now = performance.now();
    if (last !== undefined) times.push(now - last);
    last = now;
  }
  return times;
}

async function firstMilliseconds(
  engine: GenerationEngine,
  request: GenerationRequest,
  type: GenerationEvent['type'],
): Promise<number> {
  const started = performance.now();
  for await (const event of engine.submit(request)) {
    if (event.type === type) return performance.now() - started;
  }
  return Number.NaN;
}

/** Bytes a second that a large copy reads and writes together, as STREAM counts them. */
function copyBandwidth(): number {
  const source = new Float32Array(2 ** 24).fill(1);
  const target = new Float32Array(2 ** 24);
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    target.set(source);
    times.push(performance.now() - started);
  }
  return (2 * source.byteLength) / (medianOf(times) / 1000);
}
