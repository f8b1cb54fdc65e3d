import { TransfusionError } from '@transfusion/errors';
import { callPlugin } from './call-plugin.js';
import {
  checkConfig,
  checkField,
  checkFunctions,
  isObject,
  isPositiveInteger,
  type Fields,
} from './check-field.js';
import { checkSpecificationVersion } from './check-specification-version.js';
import { formatShape, sameShape, type Shape } from './latent.js';
import type { ContinuousModality } from './modality.js';

const SCHEDULER_FUNCTIONS = [
  'sampleTimesteps',
  'lossWeights',
  'noiseLevelAt',
  'addNoise',
  'target',
  'timesteps',
  'step',
];

/** Checks the fields that only a continuous modality has. */
export function checkContinuousFields(name: unknown, fields: Fields): void {
  const { codec, diffusion, lossWeight } = fields;
  checkFunctions(name, '', fields, ['spanLength', 'createAdapter']);
  checkCodec(name, codec);
  checkField(name, isObject(diffusion), {
    field: 'diffusion',
    value: diffusion,
    expected: 'a noise scheduler',
    remedy: 'Set it to one such as ddpm().',
  });
  checkSpecificationVersion(
    name,
    'diffusion.specificationVersion',
    (diffusion as Fields)['specificationVersion'],
  );
  checkFunctions(name, 'diffusion.', diffusion as Fields, SCHEDULER_FUNCTIONS);
  checkField(name, typeof lossWeight === 'number' && lossWeight >= 0 && Number.isFinite(lossWeight), {
    field: 'lossWeight',
    value: lossWeight,
    expected: 'a finite number of at least 0',
    remedy: 'Set it to 5, as in the paper.',
  });
  checkLatentShapes(name, fields as unknown as ContinuousModality);
}

function checkCodec(name: unknown, codec: unknown): void {
  checkField(name, isObject(codec), {
    field: 'codec',
    value: codec,
    expected: 'an object with id, encode and decode',
    remedy: 'Implement it.',
  });
  const fields = codec as Fields;
  checkField(name, typeof fields['id'] === 'string' && fields['id'] !== '', {
    field: 'codec.id',
    value: fields['id'],
    expected: 'a string that is not empty',
    remedy: 'Identify the codec and all that its latents depend on.',
  });
  checkFunctions(name, 'codec.', fields, ['encode', 'decode'], ['preview', 'assets', 'dispose']);
  checkConfig(name, 'codec.config', fields['config']);
  const { functions } = fields;
  if (functions === undefined) return;
  checkFunctions(name, 'codec.functions.', Object(functions) as Fields, ['valueShape', 'encode', 'decode']);
}

function checkLatentShapes(name: unknown, modality: ContinuousModality): void {
  const { latentShapes } = modality;
  checkField(name, Array.isArray(latentShapes) && latentShapes.length > 0, {
    field: 'latentShapes',
    value: latentShapes,
    expected: 'a list of at least one shape',
    remedy: 'List the shapes of the latents that codec.encode() returns.',
  });
  for (const [i, shape] of latentShapes.entries()) {
    checkField(name, Array.isArray(shape) && shape.length > 0 && shape.every(isPositiveInteger), {
      field: `latentShapes[${i}]`,
      value: shape,
      expected: 'a list of positive integers',
      remedy: 'Correct it.',
    });
    checkDistinct(name, latentShapes.slice(0, i), shape);
    const call = `spanLength(${formatShape(shape)})`;
    const length = callPlugin(`modality '${String(name)}': ${call}`, () => modality.spanLength([...shape]));
    checkField(name, isPositiveInteger(length), {
      field: call,
      value: length,
      expected: 'a positive integer',
      remedy: 'Return the number of positions that such a latent takes.',
    });
  }
}

function checkDistinct(name: unknown, earlier: readonly Shape[], shape: Shape): void {
  if (!earlier.some((other) => sameShape(other, shape))) return;
  throw new TransfusionError(
    'invalid-argument',
    `modality '${String(name)}': latentShapes has ${formatShape(shape)} twice, expected distinct shapes. Remove one.`,
  );
}
