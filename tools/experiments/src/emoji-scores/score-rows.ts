import type { ExperimentRow } from '../experiment.js';
import { percent } from '../figures.js';
import type { JudgeAccuracy } from '../judge/emoji-judge.js';
import type { JudgedShares } from '../judge/judged-shares.js';
import type { EmojiScores } from './score-emoji-model.js';

/** The scores as lines of a table; beside what the judge says, how often it is right. */
export function scoreRows(
  { drawing, captions, inpainting, restyling }: EmojiScores,
  accuracy: JudgeAccuracy,
): ExperimentRow[] {
  const plain = (task: string, measure: string, value: string): ExperimentRow => ({
    task,
    measure,
    value,
    'real images': '',
    reconstructions: '',
  });
  const judged = (task: string, shares: JudgedShares | undefined): ExperimentRow[] =>
    shares === undefined
      ? []
      : judgedMeasures.map(([measure, key]) => ({
          task,
          measure,
          value: percent(shares[key]),
          'real images': percent(accuracy.real[key]),
          reconstructions: percent(accuracy.reconstructed[key]),
        }));
  return [
    ...judged('drawing', drawing),
    ...(drawing?.frechet === undefined ? [] : [plain('drawing', 'Fréchet', drawing.frechet.toFixed(3))]),
    ...(captions === undefined
      ? []
      : [
          plain('captions', 'style', percent(captions.style)),
          plain('captions', 'subject', percent(captions.subject)),
          plain('captions', 'CIDEr-D', captions.ciderD.toFixed(2)),
        ]),
    ...judged('inpainting', inpainting),
    ...(inpainting === undefined
      ? []
      : [
          plain('inpainting', 'dB to codec', inpainting.psnrToReconstruction.toFixed(1)),
          plain('inpainting', 'dB to image', inpainting.psnrToImage.toFixed(1)),
        ]),
    ...judged('restyling', restyling),
  ];
}

const judgedMeasures = [
  ['style', 'style'],
  ['subject', 'subjectTop1'],
  ['subject of 5', 'subjectTop5'],
] as const;
