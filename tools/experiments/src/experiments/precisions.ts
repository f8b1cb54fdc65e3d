/** Scores of an exported model by the precision of its weights. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emojiModelFolder } from '@transfusion/emoji';
import { exportModel, SUFFIXES, type ExportPrecision } from '@transfusion/export';
import { imageFactory, type RgbImage } from '@transfusion/modality-image';
import { textFactory } from '@transfusion/modality-text';
import { loadModel } from '@transfusion/runs';
import { numberValue } from '../command-line.js';
import { captionScores } from '../emoji-scores/caption-scores.js';
import { validationImages } from '../emoji-set.js';
import type { Experiment, ExperimentRow } from '../experiment.js';
import { percent } from '../figures.js';
import { loadEmojiJudge } from '../judge/emoji-judge.js';
import { judgedShares } from '../judge/judged-shares.js';
import { generateWithWeb, type WebExperimentOutput } from '../precisions/generate-with-web.js';

const precisions: readonly ExportPrecision[] = ['single', 'half', 'int8'];

/** Longer than any caption. */
const MAX_TOKENS = 32;

export const precisionsExperiment: Experiment = {
  description: 'scores of the exported model in a browser’s runtime, by the precision of its weights',
  columns: [
    'precision',
    'MB',
    'image style',
    'image subject',
    'image subject of 5',
    'caption style',
    'caption subject',
    'CIDEr-D',
    's/image',
    's/caption',
  ],
  options: {
    count: { description: 'images and captions; there are 649', default: '96' },
    steps: { description: 'denoising steps', default: '25' },
  },
  async *run(values): AsyncGenerator<ExperimentRow> {
    const count = numberValue(values, 'count', 2);
    const numInferenceSteps = numberValue(values, 'steps', 1);
    const images = await validationImages(count);
    const { judge, accuracy, dispose } = await loadEmojiJudge();
    const folder = mkdtempSync(join(tmpdir(), 'transfusion-precisions-'));
    try {
      const trained = await loadModel(emojiModelFolder, [textFactory(), imageFactory()]);
      await exportModel(trained, { folder, precisions, numInferenceSteps: [numInferenceSteps] });
      trained.dispose();
      const toImages = images.map(({ caption }, seed) => ({
        prompt: [{ modality: 'text', value: caption }],
        output: 'image' as const,
        seed,
        guidanceScale: 3,
      }));
      const toTexts = images.map(({ image }, seed) => ({
        prompt: [{ modality: 'image', value: image }],
        output: 'text' as const,
        seed,
        minTokens: 1,
        maxTokens: MAX_TOKENS,
        temperature: 0,
      }));
      for (const precision of precisions) {
        const [generated, imageSeconds] = await timed(() => generateWithWeb(folder, precision, toImages));
        const [captions, captionSeconds] = await timed(() => generateWithWeb(folder, precision, toTexts));
        const shares = judgedShares(await judge(generated.map(imageOf)), images);
        const scores = captionScores(
          captions.map(({ text }) => text),
          images,
        );
        yield {
          precision,
          MB: (weightBytes(folder, precision) / 1e6).toFixed(1),
          'image style': percent(shares.style),
          'image subject': percent(shares.subjectTop1),
          'image subject of 5': percent(shares.subjectTop5),
          'caption style': percent(scores.style),
          'caption subject': percent(scores.subject),
          'CIDEr-D': scores.ciderD.toFixed(2),
          's/image': (imageSeconds / count).toFixed(2),
          's/caption': (captionSeconds / count).toFixed(2),
        };
      }
      const { style, subjectTop1, subjectTop5 } = accuracy.real;
      yield {
        ...Object.fromEntries(precisionsExperiment.columns.map((column) => [column, ''])),
        precision: '(real)',
        'image style': percent(style),
        'image subject': percent(subjectTop1),
        'image subject of 5': percent(subjectTop5),
      };
    } finally {
      dispose();
      rmSync(folder, { recursive: true });
    }
  },
  conclude: () => 'Times are those of wasm on one thread, with the loading of the model.',
};

function imageOf({ value }: WebExperimentOutput): RgbImage {
  const { shape, data } = value!;
  return { width: shape[1], height: shape[0], data };
}

function weightBytes(folder: string, precision: ExportPrecision): number {
  return statSync(join(folder, 'onnx', `weights${SUFFIXES[precision]}.onnx_data`)).size;
}

async function timed<T>(run: () => Promise<T>): Promise<readonly [result: T, seconds: number]> {
  const started = performance.now();
  const result = await run();
  return [result, (performance.now() - started) / 1000];
}
