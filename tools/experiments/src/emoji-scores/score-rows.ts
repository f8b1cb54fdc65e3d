import type { ExperimentRow } from '../experiment.js';
import { percent } from '../figures.js';
import type { JudgeAccuracy } from '../judge/emoji-judge.js';
import type { JudgedShares } from '../judge/judged-shares.js';
import type { EmojiScores } from './score-emoji-model.js';

/** Formats the scores as rows of a table, with the judge's accuracy beside each judged share. */
export function scoreRows(
  { 'text-to-image': textToImage, captioning, inpainting, editing }: EmojiScores,
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
    ...judged('text-to-image', textToImage),
    ...(textToImage?.frechet === undefined
      ? []
      : [plain('text-to-image', 'Fréchet', textToImage.frechet.toFixed(3))]),
    ...(captioning === undefined
      ? []
      : [
          plain('captioning', 'style', percent(captioning.style)),
          plain('captioning', 'subject', percent(captioning.subject)),
          plain('captioning', 'CIDEr-D', captioning.ciderD.toFixed(2)),
        ]),
    ...judged('inpainting', inpainting),
    ...(inpainting === undefined
      ? []
      : [
          plain('inpainting', 'dB to codec', inpainting.psnrToReconstruction.toFixed(1)),
          plain('inpainting', 'dB to image', inpainting.psnrToImage.toFixed(1)),
        ]),
    ...judged('editing', editing),
  ];
}

const judgedMeasures = [
  ['style', 'style'],
  ['subject', 'subjectTop1'],
  ['subject of 5', 'subjectTop5'],
] as const;
