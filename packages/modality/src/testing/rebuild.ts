/** Checks that a modality can be rebuilt from a checkpoint. */
import { isDeepStrictEqual } from 'node:util';
import * as tf from '@transfusion/tfjs';
import { createRng, flattenParams } from '@transfusion/nn';
import { sizeOf, type Latent, type Shape } from '../latent.js';
import { createModality, type ModalityFactory } from '../modality-factory.js';
import type { ContinuousModality, Modality } from '../modality.js';
import type { PluginConfig } from '../plugin-config.js';
import { expectThat, type ConformanceCheck } from './conformance-check.js';

/**
 * Returns the checks of a modality's factory; none without a factory.
 *
 * @param encode encodes the examples; the rebuilt modality must encode them equally
 */
export function rebuildChecks<M extends Modality>(
  modality: M,
  factory: ModalityFactory | undefined,
  encode: (modality: M) => Promise<readonly unknown[]>,
): readonly ConformanceCheck[] {
  if (factory === undefined) return [];
  const { name, config } = modality;
  return [
    {
      name: `${name}: its config is plain JSON of the factory’s type`,
      run: () => {
        expectThat(config !== undefined, () => 'config is undefined, expected an object with a type');
        JSON.stringify(config, expectJson);
        expectThat(
          config.type === factory.type,
          () => `config.type is '${config.type}', expected '${factory.type}', the type of the factory`,
        );
      },
    },
    {
      name: `${name}: the factory rebuilds an equal modality from config and assets, and dispose frees it`,
      run: async () => {
        const numTensors = (): number => tf.memory().numTensors;
        const encoded = await encode(modality);
        const before = numTensors();
        const rebuilt = await rebuild(modality, factory);
        try {
          const stored = describe(modality);
          for (const [part, value] of Object.entries(describe(rebuilt))) {
            expectThat(
              isDeepStrictEqual(value, stored[part]),
              () =>
                `create() returned a modality with ${part} ${formatValue(value)}, expected ${formatValue(stored[part])}`,
            );
          }
          (await encode(rebuilt as M)).forEach((value, i) => {
            expectThat(
              isDeepStrictEqual(value, encoded[i]),
              () =>
                `create() returned a modality that encodes the example ${i} differently, expected the same`,
            );
          });
        } finally {
          rebuilt.dispose?.();
        }
        const leaked = numTensors() - before;
        expectThat(leaked === 0, () => `dispose() left ${leaked} tensors, expected none`);
      },
    },
  ];
}

async function rebuild(modality: Modality, factory: ModalityFactory): Promise<Modality> {
  const { name } = modality;
  const assets = (await modality.assets?.()) ?? {};
  const config = JSON.parse(JSON.stringify(modality.config)) as PluginConfig;
  const read = (file: string): Promise<Uint8Array> =>
    Object.hasOwn(assets, file)
      ? Promise.resolve(assets[file])
      : Promise.reject(
          new Error(
            `create() read '${file}', expected one of the files of assets(): '${Object.keys(assets).join("', '")}'`,
          ),
        );
  return createModality({ name, config }, [factory], { read });
}

/** Returns everything that must be equal, by its name in messages. */
function describe(modality: Modality): Record<string, unknown> {
  const config = JSON.stringify(modality.config);
  const { kind } = modality;
  if (modality.kind === 'discrete') {
    const { id, vocabSize, tokensPerValue } = modality;
    return { kind, config, id, vocabSize, tokensPerValue };
  }
  const { codec, diffusion, lossWeight, latentShapes } = modality;
  return {
    kind,
    config,
    'codec.id': codec.id,
    lossWeight,
    latentShapes,
    'codec.preview()': codec.preview?.(latentShapes.map(noiseLatent)),
    'the spans’ lengths': latentShapes.map((shape) => modality.spanLength(shape)),
    'diffusion.predictionType': diffusion.predictionType,
    'diffusion.process': diffusion.process,
    'diffusion.numTrainTimesteps': diffusion.numTrainTimesteps,
    'the adapter’s parameters': adapterShapes(modality),
  };
}

function noiseLatent(shape: Shape): Latent {
  return { shape, data: createRng(1).normals(sizeOf(shape)) };
}

function adapterShapes(modality: ContinuousModality): Record<string, readonly number[]> {
  return tf.tidy(() => {
    const params = flattenParams(modality.createAdapter(32).init(createRng(1)));
    return Object.fromEntries(Object.entries(params).map(([path, { shape }]) => [path, shape]));
  });
}

/** Refuses values that JSON would change, except undefined fields; a replacer for `JSON.stringify`. */
function expectJson(field: string, value: unknown): unknown {
  const isJson =
    value === undefined ||
    value === null ||
    ['string', 'boolean'].includes(typeof value) ||
    Number.isFinite(value) ||
    Array.isArray(value) ||
    Object.getPrototypeOf(value) === Object.prototype;
  expectThat(isJson, () => `config has ${String(value)} in '${field}', expected plain JSON`);
  return value;
}

function formatValue(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
