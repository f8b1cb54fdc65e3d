/** Accuracy of the judge of emoji, which classifies style and subject for the other experiments. */
import type { Experiment, ExperimentRow } from '../experiment.js';
import { percent } from '../figures.js';
import { loadEmojiJudge } from '../judge/emoji-judge.js';
import type { JudgedShares } from '../judge/judged-shares.js';

export const judgeExperiment: Experiment = {
  description: 'trains the judge of emoji if there is none, and measures its accuracy',
  columns: ['validation', 'style', 'subject', 'subject top-5'],
  async *run(): AsyncGenerator<ExperimentRow> {
    const { accuracy, dispose } = await loadEmojiJudge();
    dispose();
    yield { validation: 'images', ...shareColumns(accuracy.real) };
    yield { validation: 'reconstructions', ...shareColumns(accuracy.reconstructed) };
  },
  conclude: ([images]) =>
    `On validation images, the judge's accuracy is ${images['style']} for styles and ${images['subject']} for ` +
    `subjects; ${images['subject top-5']} of the subjects are among its first five.`,
};

function shareColumns({ style, subjectTop1, subjectTop5 }: JudgedShares): ExperimentRow {
  return { style: percent(style), subject: percent(subjectTop1), 'subject top-5': percent(subjectTop5) };
}
