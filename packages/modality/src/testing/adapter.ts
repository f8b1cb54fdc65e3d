/** Checks of a {@link LatentAdapter}. */
import * as tf from '@transfusion/tfjs';
import { createRng, flattenParams, mapParams, valueAndGrad, type Params } from '@transfusion/nn';
import { sizeOf, type Shape } from '../latent.js';
import { checkedAdapter } from '../checked-adapter.js';
import type { ContinuousModality, LatentAdapter } from '../modality.js';
import { expectThat, type ConformanceCheck } from './conformance-check.js';

/** Timesteps of the three test spans, as fractions of all timesteps. */
const TIMESTEP_FRACTIONS = [0.9, 0.1, 0.5];

/** Returns the checks of a modality's adapter. */
export function adapterChecks(modality: ContinuousModality, modelDim: number): readonly ConformanceCheck[] {
  const { name, latentShapes, diffusion } = modality;
  const adapterOf = (): LatentAdapter => checkedAdapter(modality, modelDim);
  const spans = (latentShape: Shape): Spans => ({
    latents: normals('latents', [3, ...latentShape]),
    timesteps: tf.tensor1d(
      TIMESTEP_FRACTIONS.map((fraction) => Math.floor(fraction * diffusion.numTrainTimesteps)),
    ),
  });
  const onEachShape = (check: (latentShape: Shape) => void) => (): void => {
    for (const latentShape of latentShapes) tf.tidy(() => check(latentShape));
  };
  return [
    {
      name: `${name}: the adapter’s parameters depend only on the seed`,
      run: () =>
        tf.tidy(() => {
          const first = flattenParams(adapterOf().init(createRng(1)));
          const second = flattenParams(adapterOf().init(createRng(1)));
          expectThat(
            Object.keys(first).join() === Object.keys(second).join(),
            () => 'init() returned parameters of other names the second time, expected the same',
          );
          for (const [path, tensor] of Object.entries(first)) {
            const difference = maxDifference(tensor, second[path]);
            expectThat(
              difference === 0,
              () =>
                `init() returned a different '${path}' the second time for the same seed, expected the same`,
            );
          }
        }),
    },
    {
      name: `${name}: the adapter takes every latent shape with the same parameters`,
      run: onEachShape((latentShape) => {
        const adapter = adapterOf();
        const params = noisyParams(adapter);
        for (const N of [1, 3]) {
          const all = spans(latentShape);
          const { hidden, output } = runAdapter(adapter, params, sliceSpans(all, 0, N), latentShape);
          expectThat(
            allFinite(hidden),
            () => 'embed() returned non-finite elements, expected finite numbers',
          );
          expectThat(
            allFinite(output),
            () => 'project() returned non-finite elements, expected finite numbers',
          );
        }
      }),
    },
    {
      name: `${name}: spans of a batch do not affect each other`,
      run: onEachShape((latentShape) => {
        const adapter = adapterOf();
        const params = noisyParams(adapter);
        const all = spans(latentShape);
        const together = runAdapter(adapter, params, all, latentShape);
        for (let n = 0; n < 3; n++) {
          const alone = runAdapter(adapter, params, sliceSpans(all, n, 1), latentShape);
          for (const part of ['hidden', 'output'] as const) {
            const among = together[part].slice([n], [1]);
            const difference = maxDifference(alone[part], among);
            const limit = 1e-4 * Math.max(1, among.abs().max().dataSync()[0]);
            expectThat(
              difference <= limit,
              () =>
                `${part === 'hidden' ? 'embed()' : 'project()'} returned for span ${n} of a batch a result that differs by ` +
                `${difference} from the span alone, expected at most ${limit}`,
            );
          }
        }
      }),
    },
    {
      name: `${name}: the adapter’s results depend on the timestep`,
      run: onEachShape((latentShape) => {
        const adapter = adapterOf();
        const params = noisyParams(adapter);
        const { latents } = spans(latentShape);
        const at = (fraction: number): tf.Tensor => {
          const timesteps = tf.fill([3], Math.floor(fraction * diffusion.numTrainTimesteps)) as tf.Tensor1D;
          const { hidden, output } = runAdapter(adapter, params, { latents, timesteps }, latentShape);
          return tf.concat([hidden.flatten(), output.flatten()]);
        };
        expectThat(
          maxDifference(at(0.1), at(0.9)) > 0,
          () =>
            'embed() and project() returned the same at two timesteps, expected results that depend on them',
        );
      }),
    },
    {
      name: `${name}: gradients reach every parameter of the adapter`,
      run: () => {
        const adapter = adapterOf();
        const reached = new Map<string, boolean>();
        onEachShape((latentShape) => {
          const { gradients } = valueAndGrad((params: Params) => {
            const { output } = runAdapter(adapter, params, spans(latentShape), latentShape);
            const weights = normals('weights', [3, ...latentShape]);
            return { loss: output.mul(weights).sum() as tf.Scalar, aux: {} };
          }, noisyParams(adapter));
          for (const [path, gradient] of Object.entries(flattenParams(gradients))) {
            expectThat(
              allFinite(gradient),
              () => `project() has a gradient of '${path}' with non-finite elements, expected finite numbers`,
            );
            const isZero = gradient.abs().max().dataSync()[0] === 0;
            reached.set(path, reached.get(path) === true || !isZero);
          }
        })();
        const unreached = [...reached].filter(([, isReached]) => !isReached).map(([path]) => path);
        expectThat(
          unreached.length === 0,
          () =>
            `project() has a gradient of 0 for '${unreached.join("', '")}', expected every parameter of init() to matter`,
        );
      },
    },
    {
      name: `${name}: the adapter counts its floating-point operations`,
      run: () => {
        const adapter = adapterOf();
        for (const shape of latentShapes) adapter.flops(shape);
      },
    },
  ];
}

interface Spans {
  readonly latents: tf.Tensor;
  readonly timesteps: tf.Tensor1D;
}

function sliceSpans({ latents, timesteps }: Spans, start: number, N: number): Spans {
  return { latents: latents.slice([start], [N]), timesteps: timesteps.slice([start], [N]) };
}

/** Embeds latents, and projects tanh of the result in place of the transformer's output. */
function runAdapter(
  adapter: LatentAdapter,
  params: Params,
  { latents, timesteps }: Spans,
  latentShape: Shape,
): { hidden: tf.Tensor; output: tf.Tensor } {
  const { hidden, skips } = adapter.embed(params, latents, timesteps);
  const transformed = tf.tanh(hidden) as tf.Tensor3D;
  return { hidden, output: adapter.project(params, transformed, timesteps, skips, latentShape) };
}

/** Initializes parameters with added noise: gradients would stop at layers that are initialized with zeros. */
function noisyParams(adapter: LatentAdapter): Params {
  return mapParams(adapter.init(createRng(2)), (tensor, path) =>
    tensor.add(normals(path, tensor.shape).mul(0.05)),
  );
}

function normals(label: string, shape: readonly number[]): tf.Tensor {
  return tf.tensor(createRng(3).fork(label).normals(sizeOf(shape)), [...shape]);
}

function maxDifference(a: tf.Tensor, b: tf.Tensor): number {
  return a.size === 0 ? 0 : a.sub(b).abs().max().dataSync()[0];
}

function allFinite(tensor: tf.Tensor): boolean {
  return tensor.dataSync().every(Number.isFinite);
}
