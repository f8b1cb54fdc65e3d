/** Logits and diffusion outputs of pieces in a cache, against the whole document in one call. */
import * as tf from '@transfusion/tfjs';
import '@transfusion/tfjs-backend-onnxruntime';
import { disposeParams } from '@transfusion/nn';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layoutDocument } from '../../sequence/layout.js';
import { groupKey, spanGroupKinds } from '../../sequence/span-groups.js';
import { expectClose } from '../../testing-internals/expect-close.js';
import { anyDocument } from '../../testing-internals/toy-documents.js';
import { toyModel, toyRegistry } from '../../testing-internals/toy-modalities.js';
import { warmParams } from '../../testing-internals/toy-documents.js';
import { createRowPredictor } from '../row-predictor.js';
import { piecesOf } from '../pieces.js';
import { createStepRunner } from './step-runner.js';

it.each([
  ['shared weights', {}],
  ['weights per modality, grouped queries, norms', { weights: 'per-modality', numKvHeads: 1, qkNorm: true }],
] as const)('%s', async (_, transformer) => {
  await tf.setBackend('onnxruntime');
  const model = toyModel(transformer);
  const params = warmParams(model);
  const runner = createStepRunner(model, params);
  const predictor = createRowPredictor(model, params);
  const groups = new Map(spanGroupKinds(model.modalities).map((group) => [group.key, group]));
  const tolerance = { absolute: 1e-4, relative: 1e-4 };
  await fc.assert(
    fc.asyncProperty(anyDocument(6), fc.nat(999), async (document, timestep) => {
      const layout = layoutDocument(toyRegistry, model.vocabulary, document, { open: true });
      const row = runner.cache.add();
      let position = 0;
      for (const piece of piecesOf({ ids: [...layout.tokenIds], spans: layout.spans }, 0)) {
        position += piece.kind === 'tokens' ? piece.ids.length : piece.span.length;
        const ids = layout.tokenIds.slice(0, position);
        const spans = layout.spans.filter(({ start }) => start < position);
        const clean = spans.map(() => 0);
        if (piece.kind === 'tokens') {
          const [logits] = runner.appendTokens([{ row, ids: piece.ids, read: true }]);
          const [expected] = await predictor.predict([
            { layout: { tokenIds: ids, spans }, timesteps: clean },
          ]);
          expectClose(logits!, expected.logits, tolerance);
          continue;
        }
        const { span } = piece;
        const group = groups.get(groupKey(span.modality, span.latentShape))!;
        const latent = span.latent.data;
        const [[output]] = runner.denoise(group, [{ rows: [row], latent, timestep }]);
        const [expected] = await predictor.predict([
          { layout: { tokenIds: ids, spans }, timesteps: [...clean.slice(1), timestep] },
        ]);
        expectClose(output, expected.spanOutput!, tolerance);
        runner.appendSpans(group, [{ row, latent }]);
      }
      expect(row.length).toBe(layout.tokenIds.length);
      runner.cache.remove(row);
    }),
    { numRuns: 20 },
  );
  predictor.dispose();
  runner.dispose();
  disposeParams(params);
});
