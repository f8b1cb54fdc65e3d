import { readImage } from '@transfusion/modality-image';
import { editImage, modalityAccepting } from '@transfusion/pipelines';
import type { Command } from 'commander';
import {
  denoisingOptions,
  tokenSamplingOptions,
  type TokenSamplingOptions,
} from '../../generation-options.js';
import type { ImageSamplingOptions } from '../../image-sampling-options.js';
import { loadRun, type LoadRunOptions } from '../../load-run.js';
import { writeAndPrint } from '../../write-and-print.js';

interface EditOptions extends LoadRunOptions, ImageSamplingOptions, TokenSamplingOptions {
  readonly imageGuidance?: number;
  readonly out: string;
}

/** Runs `transfusion edit`. */
export async function editAction(
  run: string,
  imagePath: string,
  instruction: string,
  options: EditOptions,
  command: Command,
): Promise<void> {
  const image = await readImage(imagePath);
  const loaded = await loadRun(run, options, command);
  try {
    // `editImage` gives each edit its own seed: `seed + i`.
    const edits = Array.from({ length: options.count }, () => ({ image, instruction }));
    const edited = await editImage(loaded, edits, {
      seed: options.seed,
      negativePrompt: options.negativePrompt,
      ...denoisingOptions(options),
      ...tokenSamplingOptions(options),
      imageGuidanceScale: options.imageGuidance,
    });
    const modality = modalityAccepting(loaded.model.modalities, image, 'image');
    await writeAndPrint(modality, edited, options.out);
  } finally {
    loaded.dispose();
  }
}
