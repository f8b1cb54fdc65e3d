import { selectEngine } from '@transfusion/engine';
import { disposeParams } from '@transfusion/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import { scoreModel, type Scores } from './scores.js';
import { loadShapes, shapeDocuments, type Captions } from './shape-set.js';
import { trainTiny } from './tiny-run.js';

/**
 * Stated before the runs. There are 27 subjects, so chance is 0.04; a model that ignores captions, or
 * images, stays near it.
 */
const THRESHOLDS = { imageAccuracy: 0.3, captionAccuracy: 0.5 };

const STEPS = 200;

async function scoresOf(captions: Captions): Promise<Scores> {
  const shapes = await loadShapes();
  const tiny = await trainTiny({ source: shapeDocuments(shapes, captions), seed: 1, steps: STEPS });
  const scores = await scoreModel(tiny, shapes);
  disposeParams(tiny.params);
  return scores;
}

describe('a tiny model on real images', () => {
  let learned: Scores;
  let shuffled: Scores;
  beforeAll(async () => {
    await selectEngine('onnxruntime');
    learned = await scoresOf('true');
    shuffled = await scoresOf('shuffled');
  }, 240_000);

  test('generates the image that the caption describes', () =>
    expect(learned.imageAccuracy).toBeGreaterThan(THRESHOLDS.imageAccuracy));

  test('captions the image', () =>
    expect(learned.captionAccuracy).toBeGreaterThan(THRESHOLDS.captionAccuracy));

  test('does neither if the captions were shuffled', () => {
    expect(shuffled.imageAccuracy).toBeLessThan(THRESHOLDS.imageAccuracy / 2);
    expect(shuffled.captionAccuracy).toBeLessThan(THRESHOLDS.captionAccuracy / 2);
  });
});
