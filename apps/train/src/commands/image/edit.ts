import { readImage } from '@transfusion/modality-image';
import { editImage, modalityAccepting } from '@transfusion/pipelines';
import { Command } from 'commander';
import { startEngine } from '../../engine.js';
import { withImageSamplingOptions, type ImageSamplingOptions } from '../../image-sampling-options.js';
import { loadRun, RUN_HELP, type LoadRunOptions } from '../../load-run.js';
import { nonNegativeNumber } from '../../option-values.js';
import { withRecipeOptions } from '../../recipe-options.js';
import { writeAndPrint } from '../../write-and-print.js';

interface EditOptions extends LoadRunOptions, ImageSamplingOptions {
  readonly imageGuidance?: number;
  readonly out: string;
}

/** Creates the `transfusion edit` command. */
export function editCommand(): Command {
  const command = new Command('edit')
    .description(
      'Edits an image following a text instruction and writes a PNG. Requires a model trained for editing.',
    )
    .argument('<run>', RUN_HELP)
    .argument('<image>', 'a PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG file')
    .argument('<instruction>', 'the edit, such as "draw this in the noto style"');
  withImageSamplingOptions(command)
    .option(
      '--image-guidance <scale>',
      'guidance scale of the input image (InstructPix2Pix); defaults to --guidance',
      nonNegativeNumber,
    )
    .option('--out <file>', 'PNG file to write', 'edit.png');
  return withRecipeOptions(command).action(editAction);
}

async function editAction(
  run: string,
  imagePath: string,
  instruction: string,
  options: EditOptions,
  command: Command,
): Promise<void> {
  const image = await readImage(imagePath);
  await startEngine(command);
  const loaded = await loadRun(run, options);
  try {
    // `editImage` gives each its own seed.
    const edits = Array.from({ length: options.count }, () => ({ image, instruction }));
    const edited = await editImage(loaded, edits, {
      seed: options.seed,
      numInferenceSteps: options.steps,
      guidanceScale: options.guidance,
      imageGuidanceScale: options.imageGuidance,
    });
    const modality = modalityAccepting(loaded.model.modalities, image, 'image');
    await writeAndPrint(modality, edited, options.out);
  } finally {
    loaded.dispose();
  }
}
