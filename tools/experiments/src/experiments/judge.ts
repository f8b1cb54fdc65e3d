/** How far the judge of emoji can be trusted, which the other experiments ask who drew a picture and what it shows. */
import type { Experiment, ExperimentRow } from '../experiment.js';
import { percent } from '../figures.js';
import { loadEmojiJudge } from '../judge/emoji-judge.js';
import type { JudgedShares } from '../judge/judged-shares.js';

export const judgeExperiment: Experiment = {
  description: 'trains the judge of emoji, unless it is there, and says how often it is right',
  columns: ['held-out', 'style', 'subject', 'subject of 5'],
  async *run(): AsyncGenerator<ExperimentRow> {
    const { accuracy, dispose } = await loadEmojiJudge();
    dispose();
    yield { 'held-out': 'pictures', ...shareColumns(accuracy.real) };
    yield { 'held-out': 'reconstructions', ...shareColumns(accuracy.reconstructed) };
  },
  conclude: ([pictures]) =>
    `Of pictures that it has not seen, the judge knows ${pictures['style']} of the styles and ` +
    `${pictures['subject']} of the subjects; ${pictures['subject of 5']} are among its first five.`,
};

function shareColumns({ style, subjectTop1, subjectTop5 }: JudgedShares): ExperimentRow {
  return { style: percent(style), subject: percent(subjectTop1), 'subject of 5': percent(subjectTop5) };
}
