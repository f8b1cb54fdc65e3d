/**
 * What it is worth that the patches of a picture see each other: the same run with the paper's mask
 * and with a plain causal one (Transfusion, section 4.3.1).
 */
import { disposeParams } from '@transfusion/nn';
import { scoreModel, type Scores } from '../scores.js';
import { loadShapes } from '../shape-set.js';
import { trainTiny } from '../tiny-run.js';
import type { Experiment, ExperimentRow } from '../experiment.js';

const SEEDS = [1, 2];
const STEPS = 400;

export const maskExperiment: Experiment = {
  description: 'bidirectional attention inside pictures against a plain causal mask',
  columns: ['mask', 'seed', 'draws', 'drawing error', 'says'],
  async *run(): AsyncGenerator<ExperimentRow> {
    const shapes = await loadShapes();
    for (const seed of SEEDS) {
      for (const spanAttention of ['bidirectional', 'causal'] as const) {
        const tiny = await trainTiny({ shapes, captions: 'true', spanAttention, seed, steps: STEPS });
        const scores = await scoreModel(tiny, shapes);
        disposeParams(tiny.params);
        yield { mask: spanAttention, seed, ...figures(scores) };
      }
    }
  },
  conclude: (rows) => {
    const meanOf = (mask: string): number => {
      const errors = rows.filter((row) => row['mask'] === mask).map((row) => Number(row['drawing error']));
      return errors.reduce((sum, error) => sum + error, 0) / errors.length;
    };
    const [paper, causal] = [meanOf('bidirectional'), meanOf('causal')];
    const change = (Math.abs(causal / paper - 1) * 100).toFixed(0);
    return (
      `With a causal mask the drawing error is ${causal.toFixed(3)} instead of ${paper.toFixed(3)}: ` +
      `${change} % ${causal > paper ? 'more' : 'less'}.`
    );
  },
};

function figures({ draws, drawingError, says }: Scores): ExperimentRow {
  return { draws: draws.toFixed(2), 'drawing error': drawingError.toFixed(4), says: says.toFixed(2) };
}
