/**
 * The value of bidirectional attention between the patches of an image: the same run with the paper's mask
 * and with a plain causal one (Transfusion, section 4.3.1, there too with linear patches of 2 by 2). The
 * measure is the diffusion loss on validation (subject, style) pairs: a set as small as the shapes is memorized,
 * and then a caption tells each patch all that the others could.
 */
import { fileURLToPath } from 'node:url';
import { captionPairs, createDocumentStream, streamBatches } from '@transfusion/data';
import { emojiDocuments, loadEmojiSet, type EmojiDocuments } from '@transfusion/emoji';
import { decodeImage } from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';
import { validationLoss } from '@transfusion/trainer';
import type { Experiment, ExperimentRow } from '../experiment.js';
import { IMAGE_SIZE } from '../shape-set.js';
import { tinyBatchShape, trainTiny, type TinyModel } from '../tiny-run.js';

const SEEDS = [1, 2];
const STEPS = 600;
/** 64 patches, and up to 48 tokens of text. */
const ROW_LENGTH = 112;
const VALIDATION_BATCHES = 16;

export const maskExperiment: Experiment = {
  description: 'bidirectional attention inside images against a plain causal mask',
  columns: ['mask', 'seed', 'diffusion loss', 'text loss'],
  async *run(): AsyncGenerator<ExperimentRow> {
    const source = openEmoji('train');
    const validation = openEmoji('validation');
    for (const seed of SEEDS) {
      for (const spanAttention of ['bidirectional', 'causal'] as const) {
        const options = {
          source,
          patchSize: 2 as const,
          rowLength: ROW_LENGTH,
          spanAttention,
          seed,
          steps: STEPS,
        };
        const tiny = await trainTiny(options);
        const losses = await validationLosses(tiny, validation);
        disposeParams(tiny.params);
        const figure = (name: string): string => losses[`validation/${name}`].toFixed(4);
        yield { mask: spanAttention, seed, 'diffusion loss': figure('image'), 'text loss': figure('tokens') };
      }
    }
  },
  conclude: (rows) => {
    const lossOf = (mask: string, seed: number): number =>
      Number(rows.find((row) => row['mask'] === mask && row['seed'] === seed)!['diffusion loss']);
    const changes = SEEDS.map((seed) => {
      const change = lossOf('causal', seed) / lossOf('bidirectional', seed) - 1;
      return `${(Math.abs(change) * 100).toFixed(0)} % ${change > 0 ? 'higher' : 'lower'} (seed ${seed})`;
    });
    return `With a causal mask the diffusion loss on validation images is ${changes.join(' and ')}.`;
  },
};

function openEmoji(split: 'train' | 'validation'): EmojiDocuments {
  const resolveFrom = fileURLToPath(new URL('../..', import.meta.url));
  const set = loadEmojiSet({ size: IMAGE_SIZE, resolveFrom });
  return emojiDocuments({ ...set, decode: (bytes) => decodeImage(bytes), split, keywordFraction: 0 });
}

/** Caption first; always the same images, timesteps and noise. */
async function validationLosses(
  { model, params }: TinyModel,
  source: EmojiDocuments,
): Promise<Record<string, number>> {
  const transform = captionPairs({ captionFirst: 1, captionDropout: 0 });
  const stream = createDocumentStream([{ source, transform }], 0);
  const evaluation = validationLoss({
    model,
    every: 1,
    numBatches: VALIDATION_BATCHES,
    batches: () => streamBatches(stream, { model, shape: tinyBatchShape(ROW_LENGTH) }),
  });
  const losses = await evaluation.evaluate(params);
  evaluation.dispose();
  return losses;
}
