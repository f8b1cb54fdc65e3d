/** A tiny model with post-norm and a z-loss learns to generate and caption images as tokens. */
import { selectEngine } from '@transfusion/engine';
import { disposeParams } from '@transfusion/nn';
import { expect, test } from 'vitest';
import { loadShapes, shapeDocuments } from '../shape-set.js';
import { trainTiny } from '../tiny-run.js';
import { scoreTokenModel, tinyChameleon } from './tiny-chameleon.js';

/** Stated before the runs; chance is 0.04, as in `learning.test.ts`. */
const THRESHOLDS = { imageAccuracy: 0.3, captionAccuracy: 0.5 };

test('images and captions as tokens of one vocabulary are learned', { timeout: 240_000 }, async () => {
  await selectEngine('onnxruntime');
  const shapes = await loadShapes();
  const source = shapeDocuments(shapes, 'true');
  const losses: number[] = [];
  const tiny = await trainTiny({
    source,
    model: tinyChameleon(),
    seed: 1,
    steps: 150,
    onStep: (_, loss) => losses.push(loss),
  });
  const scores = await scoreTokenModel(tiny, shapes);
  disposeParams(tiny.params);
  expect(losses.at(-1)).toBeLessThan(losses[0] / 2);
  expect(scores.imageAccuracy).toBeGreaterThan(THRESHOLDS.imageAccuracy);
  expect(scores.captionAccuracy).toBeGreaterThan(THRESHOLDS.captionAccuracy);
});
