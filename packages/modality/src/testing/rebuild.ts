/** Checks that a modality can be rebuilt from what a checkpoint holds of it. */
import { isDeepStrictEqual } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { createRng, flattenParams } from '@transfusion/nn';
import { createModality, type ModalityFactory } from '../modality-factory.js';
import type { ContinuousModality, Modality } from '../modality.js';
import type { PluginConfig } from '../plugin-config.js';
import { expectThat, type ConformanceCheck } from './conformance-check.js';

/** @param encode what a modality makes of the examples; the rebuilt one must make the same of them */
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
        expectThat(config !== undefined, () => 'there is no config');
        JSON.stringify(config, expectJson);
        expectThat(
          config.type === factory.type,
          () => `config.type is '${config.type}', but the factory is of '${factory.type}'`,
        );
      },
    },
    {
      name: `${name}: the factory makes an equal one from its config and assets, and dispose frees it`,
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
              () => `${part} is ${shown(value)}, expected ${shown(stored[part])}`,
            );
          }
          (await encode(rebuilt as M)).forEach((value, i) => {
            expectThat(
              isDeepStrictEqual(value, encoded[i]),
              () => `the example ${i} is encoded otherwise than before`,
            );
          });
        } finally {
          rebuilt.dispose?.();
        }
        const left = numTensors() - before;
        expectThat(left === 0, () => `${left} tensors are left after dispose()`);
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
          new Error(`create() reads '${file}', but assets() has '${Object.keys(assets).join("', '")}'`),
        );
  return createModality({ name, config }, [factory], { read });
}

/** All that must be equal, by the name that messages give it. */
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
    'the spans’ lengths': latentShapes.map((shape) => modality.spanLength(shape)),
    'diffusion.predictionType': diffusion.predictionType,
    'diffusion.process': diffusion.process,
    'diffusion.numTrainTimesteps': diffusion.numTrainTimesteps,
    'the adapter’s parameters': adapterShapes(modality),
  };
}

function adapterShapes(modality: ContinuousModality): Record<string, readonly number[]> {
  return tf.tidy(() => {
    const params = flattenParams(modality.createAdapter(32).init(createRng(1)));
    return Object.fromEntries(Object.entries(params).map(([path, { shape }]) => [path, shape]));
  });
}

/** `JSON.stringify`'s replacer that refuses what JSON changes; fields that are undefined it leaves out. */
function expectJson(field: string, value: unknown): unknown {
  const isJson =
    value === undefined ||
    value === null ||
    ['string', 'boolean'].includes(typeof value) ||
    Number.isFinite(value) ||
    Array.isArray(value) ||
    Object.getPrototypeOf(value) === Object.prototype;
  expectThat(isJson, () => `config has at '${field}' something else than JSON: ${String(value)}`);
  return value;
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
