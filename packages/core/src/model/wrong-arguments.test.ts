import { createModalityRegistry, encodeDocument } from '@transfusion/modality';
import { letters } from '../testing-internals/toy-modalities.js';
import { createRng } from '@transfusion/nn';
import { expect, test } from 'vitest';
import { createEngine } from '../generate/engine/engine.js';
import { generateDocuments } from '../generate/generate.js';
import { transformerPreset } from '../trunk/presets.js';
import { createTransfusion } from './transfusion.js';

const modalities = createModalityRegistry(letters('text'));
const transformer = transformerPreset('nano');

test('createTransfusion refuses an incomplete config', () => {
  const sizes = { modelDim: 64, numLayers: 2, numHeads: 2, ffnDim: 128 } as typeof transformer;
  expect(() => createTransfusion({ transformer: sizes, modalities })).toThrow(
    'createTransfusion: transformer.numKvHeads is undefined, expected a positive integer. ' +
      'Complete the config with transformerConfig(), or take a preset.',
  );
  for (const field of Object.keys(transformer)) {
    const incomplete = { ...transformer, [field]: undefined };
    expect(() => createTransfusion({ transformer: incomplete, modalities })).toThrow(
      `createTransfusion: transformer.${field} is`,
    );
  }
});

test('createTransfusion refuses what is no registry', () => {
  expect(() => createTransfusion({ transformer, modalities: [letters('text')] as never })).toThrow(
    'createTransfusion: modalities is an array, expected a registry. Pass createModalityRegistry(text(), …).',
  );
});

test('generation refuses a single request in place of a list', async () => {
  const model = createTransfusion({ transformer, modalities });
  const engine = createEngine(model, model.init(createRng(1)));
  await expect(generateDocuments(engine, { prompt: [] } as never)).rejects.toThrow(
    'generateDocuments: requests is object, expected an array. Put a single one into [ ].',
  );
});

test('encodeDocument refuses segments in place of a document', async () => {
  const segments = [{ modality: 'text', value: 'a' }];
  await expect(encodeDocument(modalities, segments as never)).rejects.toThrow(
    'encodeDocument: the document has no list of segments',
  );
});
