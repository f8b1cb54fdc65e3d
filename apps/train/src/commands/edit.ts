import { readImage } from '@transfusion/modality-image';
import { disposeParams } from '@transfusion/nn';
import { editImage } from '@transfusion/pipelines';
import { Command } from 'commander';
import { startEngine } from '../engine.js';
import { notNegative, wholeNumber } from '../option-values.js';
import { writeImages } from '../image-files.js';
import { openRun } from '../run-folder.js';

interface EditCommandOptions {
  readonly count: number;
  readonly steps: number;
  readonly guidance: number;
  readonly imageGuidance?: number;
  readonly seed: number;
  readonly out: string;
  readonly recipe?: string;
  readonly data?: string;
}

/** `transfusion edit` */
export function editCommand(): Command {
  return new Command('edit')
    .description('Changes an image as an instruction says, into a PNG file. The model must have seen edits.')
    .argument('<run>', "a run's folder, or a checkpoint's")
    .argument('<image>', 'a PNG, JPEG, WebP, GIF, TIFF, AVIF or SVG file')
    .argument('<instruction>', 'what is to become of it: "draw this in the noto style"')
    .option('--count <number>', 'how many; several images become a grid', wholeNumber(1), 1)
    .option('--steps <number>', 'steps from noise to image', wholeNumber(1), 50)
    .option('--guidance <scale>', 'how strictly to follow the instruction; 1 is no guidance', notNegative, 3)
    .option(
      '--image-guidance <scale>',
      'how strictly to keep to the image, by itself; as --guidance unless given',
      notNegative,
    )
    .option('--seed <number>', 'decides what is drawn; further ones count up from it', wholeNumber(0), 0)
    .option('--out <file>', 'the PNG file', 'edit.png')
    .option('--recipe <recipe>', 'the recipe of the run, if its folder does not say')
    .option('--data <file>', 'that of the recipe, if it needs one')
    .action(editAction);
}

async function editAction(
  run: string,
  file: string,
  instruction: string,
  options: EditCommandOptions,
  command: Command,
): Promise<void> {
  const image = await readImage(file);
  await startEngine(command);
  const opened = await openRun(run, options.recipe, options.data);
  const edits = Array.from({ length: options.count }, () => ({ image, instruction }));
  const edited = await editImage(opened, edits, {
    seed: options.seed,
    numInferenceSteps: options.steps,
    guidanceScale: options.guidance,
    imageGuidanceScale: options.imageGuidance,
  });
  disposeParams(opened.params);
  await writeImages(options.out, edited);
}
