/** How far the judge of emoji can be trusted, which the other experiments ask who drew an image and what it shows. */
import type { Experiment, ExperimentRow } from '../experiment.js';
import { percent } from '../figures.js';
import { loadEmojiJudge } from '../judge/emoji-judge.js';
import type { JudgedShares } from '../judge/judged-shares.js';

export const judgeExperiment: Experiment = {
  description: 'trains the judge of emoji, unless it is there, and says how often it is right',
  columns: ['validation', 'style', 'subject', 'subject of 5'],
  async *run(): AsyncGenerator<ExperimentRow> {
    const { accuracy, dispose } = await loadEmojiJudge();
    dispose();
    yield { validation: 'images', ...shareColumns(accuracy.real) };
    yield { validation: 'reconstructions', ...shareColumns(accuracy.reconstructed) };
  },
  conclude: ([images]) =>
    `Of images that it has not seen, the judge knows ${images['style']} of the styles and ` +
    `${images['subject']} of the subjects; ${images['subject of 5']} are among its first five.`,
};

function shareColumns({ style, subjectTop1, subjectTop5 }: JudgedShares): ExperimentRow {
  return { style: percent(style), subject: percent(subjectTop1), 'subject of 5': percent(subjectTop5) };
}
