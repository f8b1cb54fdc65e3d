/** For each mistake of an adapter or a noise scheduler, wherever it is traced: modality, function, found and expected. */
import * as tf from '@transfusion/tfjs';
import { flowEuler, type NoiseScheduler } from '@transfusion/diffusion';
import { TransfusionError } from '@transfusion/errors';
import { createModalityRegistry, type LatentAdapter } from '@transfusion/modality';
import { createRng } from '@transfusion/nn';
import { jit } from '@transfusion/tfjs-backend-onnxruntime';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createEngine } from '../generate/engine/engine.js';
import { generateDocuments } from '../generate/generate.js';
import { modelGraphs } from '../graphs/model-graphs.js';
import { packed, sequencesOf, strip, text, toyShape } from '../testing-internals/toy-documents.js';
import { letters, strips, toyModel } from '../testing-internals/toy-modalities.js';
import { estimateMemory } from './memory.js';
import { trainingFlops } from './flops.js';
import type { Transfusion, TransfusionParams } from './transfusion.js';

beforeAll(() => tf.setBackend('onnxruntime'));

const right = strips('strip');
const adapter = right.createAdapter(16);
const { embed, project } = adapter;
const modelOf = (changes: object): Transfusion =>
  toyModel(
    {},
    { modalities: createModalityRegistry(letters('text'), { ...right, ...changes }, strips('wave')) },
  );
const withAdapter = (changes: Partial<LatentAdapter>): Transfusion =>
  modelOf({ createAdapter: () => ({ ...adapter, ...changes }) });
const withScheduler = (changes: Partial<NoiseScheduler>): Transfusion =>
  modelOf({ diffusion: { ...flowEuler(), ...changes } });
const fails = (error: unknown) => (): never => {
  throw error;
};
const shape = toyShape(2, 12, 2);
const batch = packed(shape, sequencesOf([[text('ab'), strip([1, 2, 3, 4])], [text('c')]]));
const init = (model: Transfusion): TransfusionParams => model.init(createRng(1));
const rightParams = init(toyModel());

/** The loss, outside of `jit` and inside. */
const losses: [string, (model: Transfusion) => unknown][] = [
  ['plain', (model) => tf.tidy(() => model.loss(rightParams, model.batchTensors(batch)))],
  [
    'compiled',
    (model) =>
      jit((params: TransfusionParams, tensors: Parameters<Transfusion['loss']>[1]) =>
        model.loss(params, tensors),
      )(rightParams, model.batchTensors(batch)),
  ],
];

describe.each(losses)('a loss, %s, is refused for', (_, loss) => {
  it.each([
    [
      'hidden vectors of another width',
      withAdapter({
        embed: (...args) => ({ hidden: embed(...args).hidden.slice([0, 0, 0], [-1, -1, 8]), skips: [] }),
      }),
      "modality 'strip': embed() returned hidden vectors of [2,2,8], expected [2,2,16] (spans, spanLength, modelDim). Reshape the result.",
    ],
    [
      'skips that are not in a list',
      withAdapter({ embed: (...args) => ({ ...embed(...args), skips: undefined as never }) }),
      "modality 'strip': embed() returned skips: undefined, expected an array of tensors. Return [] if there are no skip connections.",
    ],
    [
      'no hidden vectors',
      withAdapter({ embed: (...args) => embed(...args).hidden as never }),
      "modality 'strip': embed() returned hidden vectors of undefined, expected a tensor [2,2,16] (spans, spanLength, modelDim). Return a tensor.",
    ],
    [
      'an output of another shape',
      withAdapter({ project: (...args) => project(...args).reshape([2, 2, 2]) }),
      "modality 'strip': project() returned [2,2,2], expected [2,4] (its latent shape). Reshape the result.",
    ],
    [
      'an output of another type',
      withAdapter({ project: (...args) => project(...args).toInt() }),
      "modality 'strip': project() returned int32, expected float32. Cast the result.",
    ],
    [
      'an error of an operation in embed',
      withAdapter({ embed: (params, latents, times) => embed(params, latents.reshape([3, -1]), times) }),
      "modality 'strip': embed() threw '",
    ],
    [
      'an error in project',
      withAdapter({ project: fails(new TypeError('weights of undefined')) }),
      "modality 'strip': project() threw 'TypeError: weights of undefined', expected a result. Its stack is in the error's cause.",
    ],
    [
      'noisy latents of another shape',
      withScheduler({
        addNoise: (...args) =>
          flowEuler()
            .addNoise(...args)
            .expandDims(0),
      }),
      "modality 'strip': diffusion.addNoise() returned [1,2,4], expected [2,4] (the shape of the samples). Reshape the result.",
    ],
    [
      'a target of another shape',
      withScheduler({ target: () => tf.scalar(0) }),
      "modality 'strip': diffusion.target() returned [], expected [2,4] (the shape of the samples). Reshape the result.",
    ],
    [
      'an error in target',
      withScheduler({ target: fails(new Error('no prediction type')) }),
      "modality 'strip': diffusion.target() threw 'Error: no prediction type', expected a result. Its stack is in the error's cause.",
    ],
  ])('%s', (_mistake, model, message) => {
    expect(() => loss(model)).toThrow(message);
    expect(() => loss(model)).toThrow(expect.objectContaining({ code: 'invalid-plugin' }));
  });
});

it('errors of the packages keep their code, and what was thrown is the cause', () => {
  const cause = new TransfusionError('mismatch', 'the weights do not fit.');
  expect(() => losses[0][1](withAdapter({ embed: fails(cause) }))).toThrow(
    expect.objectContaining({
      code: 'mismatch',
      message: "modality 'strip': embed(): the weights do not fit.",
      cause,
    }),
  );
  const readsValues = withAdapter({
    project: (...args) => project(...args).add(args[1].sum().dataSync()[0]),
  });
  expect(() => losses[1][1](readsValues)).toThrow(
    expect.objectContaining({
      code: 'read-in-jit',
      message: expect.stringMatching("^modality 'strip': project\\(\\): "),
    }),
  );
});

it.each<[string, () => unknown, string]>([
  [
    'an adapter that cannot be created',
    () => modelOf({ createAdapter: fails(new RangeError('modelDim is 16')) }),
    "modality 'strip': createAdapter() threw 'RangeError: modelDim is 16', expected a result.",
  ],
  [
    'no adapter',
    () => modelOf({ createAdapter: () => undefined }),
    "modality 'strip': createAdapter().init is undefined, expected a function. Implement it.",
  ],
  [
    'an adapter without flops',
    () => withAdapter({ flops: undefined as never }),
    "modality 'strip': createAdapter().flops is undefined, expected a function. Implement it.",
  ],
  [
    'parameters that are numbers',
    () => init(withAdapter({ init: () => ({ layers: [{ weight: 3 }] }) as never })),
    "modality 'strip': init() returned the number 3 at 'layers.0.weight', expected a tree of tensors.",
  ],
  [
    'parameters of another type',
    () => init(withAdapter({ init: () => ({ table: tf.zeros([2], 'int32') }) })),
    "modality 'strip': init() returned a tensor of int32 at 'table', expected float32. Parameters are trained: cast it.",
  ],
  [
    'no parameters, in an estimate of memory',
    () => estimateMemory(withAdapter({ init: () => undefined as never }), { ...shape, numRows: 1 }),
    "modality 'strip': init() returned undefined, expected a tree of tensors.",
  ],
  [
    'a cost that is not a number',
    () => trainingFlops(withAdapter({ flops: () => NaN }), shape),
    "modality 'strip': flops() returned NaN, expected a finite number of at least 0.",
  ],
  [
    'an output of another shape, in an exported graph',
    () => {
      const { graphs } = modelGraphs(
        withAdapter({
          embed: (...args) => ({ hidden: embed(...args).hidden.expandDims(0) as never, skips: [] }),
        }),
        rightParams,
      );
      const latents = { latents: tf.zeros([3, 4]), timesteps: tf.zeros([3]) };
      return graphs.find(({ name }) => name === 'latent_embedder_strip_4')!.run(latents);
    },
    "modality 'strip': embed() returned hidden vectors of [1,3,2,16], expected [3,2,16]",
  ],
])('%s are refused', (_, run, message) => {
  expect(run).toThrow(message);
});

it('generation is refused for an output of another shape', async () => {
  const model = withAdapter({ project: (...args) => project(...args).reshape([-1, 2, 2]) });
  const request = { prompt: [], seed: 1, firstSpan: { modality: 'strip', latentShape: [4] }, maxTokens: 0 };
  await expect(generateDocuments(createEngine(model, rightParams), [request])).rejects.toThrow(
    /^modality 'strip': project\(\) returned \[\d+,2,2\], expected \[\d+,4\] \(its latent shape\)/,
  );
});

it('a compiled step does not check again', () => {
  const spanLength = vi.fn(right.spanLength);
  const model = modelOf({ spanLength });
  const step = jit((params: TransfusionParams, tensors: Parameters<Transfusion['loss']>[1]) =>
    model.loss(params, tensors),
  );
  const tensors = model.batchTensors(batch);
  step(rightParams, tensors);
  const traced = spanLength.mock.calls.length;
  expect(traced).toBeGreaterThan(0);
  step(rightParams, tensors);
  expect(spanLength.mock.calls.length).toBe(traced);
});
