import { Command } from 'commander';
import { optionGroups, withTokenSamplingOptions } from '../../generation-options.js';
import { withImageSamplingOptions } from '../../image-sampling-options.js';
import { lazyAction } from '../../lazy-action.js';
import { nonNegativeNumber } from '../../option-values.js';
import { RUN_HELP, withModelOptions } from '../../recipe-options.js';

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
    .optionsGroup(optionGroups.denoising)
    .option(
      '--image-guidance <scale>',
      'guidance scale of the input image (InstructPix2Pix); defaults to --guidance',
      nonNegativeNumber,
    )
    .optionsGroup(optionGroups.other)
    .option('--out <file>', 'PNG file to write', 'edit.png');
  withTokenSamplingOptions(command, { temperature: 1, group: 'Images as tokens:' });
  return withModelOptions(command).action(
    lazyAction(async () => (await import('./edit-action.js')).editAction),
  );
}
