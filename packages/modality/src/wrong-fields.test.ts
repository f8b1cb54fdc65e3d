/** For each field a modality in which it is wrong: registry and conformance suite refuse it with the same message. */
import { setImmediate } from 'node:timers/promises';
import { TransfusionError } from '@transfusion/errors';
import { flowEuler } from '@transfusion/diffusion';
import { describe, expect, it } from 'vitest';
import { createModalityRegistry } from './registry.js';
import { continuousModalityChecks, discreteModalityChecks } from './testing.js';
import { runChecks, stripExamples } from './testing-internals/strip-checks.js';
import { letters, strips } from './testing-internals/toy-modalities.js';
import { fails } from './testing-internals/wrong-plugin.js';

const text = letters('text');
const strip = strips('strip');
const { codec, media } = strip;

const ofAll: [field: string, changes: object, message: string][] = [
  [
    'name',
    { name: 'A b' },
    "modality 'A b': name is 'A b', expected lower-case letters, digits and '-', beginning with a letter. Rename it.",
  ],
  [
    'name, reserved',
    { name: 'tokens' },
    "modality 'tokens': the name is reserved for all discrete modalities together. Choose a different one.",
  ],
  [
    'specificationVersion, another',
    { specificationVersion: 'v2' },
    "modality 'NAME': specificationVersion is 'v2', expected 'v1'. Install a version of its package that follows 'v1', or " +
      "@transfusion packages that follow 'v2'.",
  ],
  [
    'specificationVersion, earlier',
    { specificationVersion: 'v0' },
    "modality 'NAME': specificationVersion is 'v0', expected 'v1'. Install a version of its package that follows 'v1', or " +
      "@transfusion packages that follow 'v0'.",
  ],
  [
    'specificationVersion, none',
    { specificationVersion: undefined },
    "modality 'NAME': specificationVersion is undefined, expected 'v1'. Write specificationVersion: 'v1'.",
  ],
  [
    'specificationVersion, not one',
    { specificationVersion: 1 },
    "modality 'NAME': specificationVersion is 1, expected 'v1'. Write specificationVersion: 'v1'.",
  ],
  [
    'kind',
    { kind: 'mixed' },
    "modality 'NAME': kind is 'mixed', expected 'discrete' or 'continuous'. Choose one of them.",
  ],
  ['accepts', { accepts: true }, "modality 'NAME': accepts is true, expected a function. Implement it."],
  [
    'assets',
    { assets: {} },
    "modality 'NAME': assets is an instance of Object, expected a function. Implement it, or leave it out.",
  ],
  [
    'config',
    { config: { letters: 'abc' } },
    "modality 'NAME': config is an instance of Object, expected an object with a type. Set the type of the factory that " +
      'rebuilds it, or leave it out.',
  ],
  [
    'media',
    { media: 'image/png' },
    "modality 'NAME': media is 'image/png', expected an object with mediaType, extensions, decode and encode. Complete it, " +
      'or leave it out.',
  ],
  [
    'media.mediaType',
    { media: { ...media, mediaType: 'Image/PNG' } },
    "modality 'NAME': media.mediaType is 'Image/PNG', expected a MIME type in lower case, such as 'image/png'. Set the type " +
      'of the files that media.encode() writes.',
  ],
  [
    'media.extensions, none',
    { media: { ...media, extensions: [] } },
    "modality 'NAME': media.extensions is empty, expected at least one file extension. List those that media.decode() reads.",
  ],
  [
    'media.extensions, without a dot',
    { media: { ...media, extensions: ['.a', 'b'] } },
    "modality 'NAME': media.extensions[1] is 'b', expected one such as '.png', in lower case, with the dot. Correct it.",
  ],
  [
    'media.decode',
    { media: { ...media, decode: undefined } },
    "modality 'NAME': media.decode is undefined, expected a function. Implement it.",
  ],
  [
    'media.sheet',
    { media: { ...media, sheet: 'all' } },
    "modality 'NAME': media.sheet is 'all', expected a function. Implement it, or leave it out.",
  ],
];

const ofDiscrete: typeof ofAll = [
  [
    'encode',
    { encode: undefined },
    "modality 'text': encode is undefined, expected a function. Implement it.",
  ],
  [
    'decode',
    { decode: undefined },
    "modality 'text': decode is undefined, expected a function. Implement it.",
  ],
  [
    'vocabSize',
    { vocabSize: 2.5 },
    "modality 'text': vocabSize is 2.5, expected a positive integer. Set it to the number of ids that encode() returns.",
  ],
  [
    'id',
    { id: '' },
    "modality 'text': id is '', expected a string that is not empty. Identify the meaning of ids, or leave it out.",
  ],
  [
    'tokensPerValue',
    { tokensPerValue: 0 },
    "modality 'text': tokensPerValue is 0, expected a positive integer. Leave it out if values differ in length.",
  ],
];

const missing = (field: string) =>
  `modality 'strip': ${field} is undefined, expected a function. Implement it.`;
const ofContinuous: typeof ofAll = [
  ['spanLength', { spanLength: undefined }, missing('spanLength')],
  ['createAdapter', { createAdapter: undefined }, missing('createAdapter')],
  [
    'codec',
    { codec: undefined },
    "modality 'strip': codec is undefined, expected an object with id, encode and decode. Implement it.",
  ],
  [
    'codec.id',
    { codec: { ...codec, id: '' } },
    "modality 'strip': codec.id is '', expected a string that is not empty. Identify the codec and all that its latents " +
      'depend on.',
  ],
  ['codec.encode', { codec: { ...codec, encode: undefined } }, missing('codec.encode')],
  ['codec.decode', { codec: { ...codec, decode: undefined } }, missing('codec.decode')],
  [
    'codec.preview',
    { codec: { ...codec, preview: 3 } },
    "modality 'strip': codec.preview is 3, expected a function. Implement it, or leave it out.",
  ],
  ['codec.functions', { codec: { ...codec, functions: {} } }, missing('codec.functions.valueShape')],
  [
    'diffusion',
    { diffusion: undefined },
    "modality 'strip': diffusion is undefined, expected a noise scheduler. Set it to one such as ddpm().",
  ],
  [
    'diffusion.specificationVersion',
    { diffusion: { ...flowEuler(), specificationVersion: 'v2' } },
    "modality 'strip': diffusion.specificationVersion is 'v2', expected 'v1'. Install a version of its package that follows " +
      "'v1', or @transfusion packages that follow 'v2'.",
  ],
  ...['sampleTimesteps', 'lossWeights', 'noiseLevelAt', 'addNoise', 'target', 'timesteps', 'step'].map(
    (field): (typeof ofAll)[0] => [
      `diffusion.${field}`,
      { diffusion: { ...flowEuler(), [field]: undefined } },
      missing(`diffusion.${field}`),
    ],
  ),
  [
    'lossWeight',
    { lossWeight: NaN },
    "modality 'strip': lossWeight is NaN, expected a finite number of at least 0. Set it to 5, as in the paper.",
  ],
  [
    'latentShapes, none',
    { latentShapes: [] },
    "modality 'strip': latentShapes is empty, expected a list of at least one shape. List the shapes of the latents that " +
      'codec.encode() returns.',
  ],
  [
    'latentShapes, not a shape',
    { latentShapes: [[4], [4, 0]] },
    "modality 'strip': latentShapes[1] is [4, 0], expected a list of positive integers. Correct it.",
  ],
  [
    'latentShapes, not distinct',
    { latentShapes: [[4, 8], [2], [4, 8]] },
    "modality 'strip': latentShapes has 4x8 twice, expected distinct shapes. Remove one.",
  ],
  [
    'spanLength of a shape',
    { spanLength: ([length]: readonly number[]) => length / 4 },
    "modality 'strip': spanLength(6) is 1.5, expected a positive integer. Return the number of positions that such a latent " +
      'takes.',
  ],
  [
    'spanLength that throws',
    { spanLength: fails('no patches') },
    "modality 'strip': spanLength(4) threw 'Error: no patches', expected a result. Its stack is in the error's cause.",
  ],
];

describe.each([
  ['discrete', text, [...ofAll, ...ofDiscrete]],
  ['continuous', strip, [...ofAll, ...ofContinuous]],
])('a %s modality is refused for its', (_, right, rows) => {
  it.each(rows)('%s', async (_field, changes, template) => {
    const modality = { ...right, ...changes } as never;
    const message = template.replace("'NAME'", `'${right.name}'`);
    let refused: unknown;
    try {
      createModalityRegistry(modality);
    } catch (error) {
      refused = error;
    }
    expect(TransfusionError.isInstance(refused) && refused.message).toBe(message);
    const checks =
      right.kind === 'discrete'
        ? discreteModalityChecks<string>(modality, { values: ['a'] })
        : continuousModalityChecks(modality, stripExamples);
    const { name } = modality as { readonly name: string };
    expect(await runChecks(checks)).toEqual([`${name}: its fields are those of the contract: ${message}`]);
  });
});

it('a newer minor version of the contract is accepted, with one warning', async () => {
  const warnings: NodeJS.ErrnoException[] = [];
  const listener = (warning: NodeJS.ErrnoException): void => void warnings.push(warning);
  process.on('warning', listener);
  const newer = { ...letters('newer'), specificationVersion: 'v1.3' as 'v1' };
  expect(createModalityRegistry(newer).get('newer')).toBe(newer);
  createModalityRegistry(newer, letters('text'));
  createModalityRegistry({ ...newer, name: 'newest' });
  await setImmediate();
  process.off('warning', listener);
  expect(warnings).toMatchObject(
    ['newer', 'newest'].map((name) => ({
      name: 'TransfusionWarning',
      code: 'TRANSFUSION_MINOR_VERSION',
      message:
        `modality '${name}': specificationVersion is 'v1.3', expected 'v1'. What newer minor versions of the contract add ` +
        'has no effect. Install newer @transfusion packages.',
    })),
  );
});
