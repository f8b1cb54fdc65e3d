import { readImage } from '@transfusion/modality-image';
import { editImage } from '@transfusion/pipelines';
import { Command } from 'commander';
import { startEngine } from '../../engine.js';
import { openRun, type OpenRunOptions } from '../../open-run.js';
import { integerFrom, nonNegative } from '../../option-values.js';
import { withRecipeOptions } from '../../recipe-options.js';
import { writeImages } from './write-images.js';

interface EditOptions extends OpenRunOptions {
  readonly count: number;
  readonly steps: number;
  readonly guidance: number;
  readonly imageGuidance?: number;
  readonly seed: number;
  readonly out: string;
}

/** `transfusion edit` */
export function editCommand(): Command {
  const command = new Command('edit')
    .description(
      'Edits an image by an instruction, into a PNG file. The model must have been trained on edits.',
    )
    .argument('<run>', "a run's folder, or a checkpoint's")
    .argument('<image>', 'a PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG file')
    .argument('<instruction>', 'the edit: "draw this in the noto style"')
    .option('--count <number>', 'number of images; several make a grid', integerFrom(1), 1)
    .option('--steps <number>', 'steps from noise to image', integerFrom(1), 50)
    .option('--guidance <scale>', 'how strictly to follow the instruction; 1 is no guidance', nonNegative, 3)
    .option(
      '--image-guidance <scale>',
      'how strictly to keep to the image, apart from the instruction (default: as --guidance)',
      nonNegative,
    )
    .option(
      '--seed <number>',
      'decides all that is random; further images count up from it',
      integerFrom(0),
      0,
    )
    .option('--out <file>', 'the PNG file', 'edit.png');
  return withRecipeOptions(command).action(editAction);
}

async function editAction(
  run: string,
  file: string,
  instruction: string,
  options: EditOptions,
  command: Command,
): Promise<void> {
  const image = await readImage(file);
  await startEngine(command);
  const opened = await openRun(run, options);
  try {
    const edits = Array.from({ length: options.count }, () => ({ image, instruction }));
    const edited = await editImage(opened, edits, {
      seed: options.seed,
      numInferenceSteps: options.steps,
      guidanceScale: options.guidance,
      imageGuidanceScale: options.imageGuidance,
    });
    await writeImages(opened.model, edited, options.out);
  } finally {
    opened.dispose();
  }
}
