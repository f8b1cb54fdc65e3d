/** Learned position embeddings on a grid: the sum of a row embedding and a column embedding. */
import type * as tf from '@transfusion/tfjs';
import { TransfusionError } from '@transfusion/errors';
import { normal, type Rng } from '@transfusion/nn';

/** Embeddings of rows and columns, [MAX_GRID, D] each. */
export type GridEmbeddingParams = {
  readonly rows: tf.Tensor;
  readonly columns: tf.Tensor;
};

/** Maximum number of patches along a side. */
const MAX_GRID = 64;

/** Initializes grid embeddings. */
export function initGridEmbedding(rng: Rng, modelDim: number): GridEmbeddingParams {
  return {
    rows: normal(rng.fork('rows'), [MAX_GRID, modelDim], 0.02),
    columns: normal(rng.fork('columns'), [MAX_GRID, modelDim], 0.02),
  };
}

/**
 * Returns the embeddings of a grid's positions, row by row: [1, h · w, D].
 *
 * @throws TransfusionError `invalid-argument` for more than 64 rows or columns
 */
export function gridEmbedding({ rows, columns }: GridEmbeddingParams, h: number, w: number): tf.Tensor {
  if (h > MAX_GRID || w > MAX_GRID) {
    throw new TransfusionError(
      'invalid-argument',
      `image: the grid is ${h} x ${w} patches, expected at most ${MAX_GRID} per side with axial position embeddings. ` +
        'Use larger patches.',
    );
  }
  const D = rows.shape[1]!;
  const byRow = rows.slice([0, 0], [h, D]).reshape([h, 1, D]);
  const byColumn = columns.slice([0, 0], [w, D]).reshape([1, w, D]);
  return byRow.add(byColumn).reshape([1, h * w, D]);
}
