import { existsSync } from 'node:fs';
import { TransfusionError } from '@transfusion/errors';
import { findCheckpoint } from '@transfusion/runs';
import { exportCheckpoint } from '@transfusion/trainer';
import { Command, Option } from 'commander';
import { resolveRunFolder, RUN_HELP } from '../../load-run.js';
import { readRunNote, writeRunNote } from '../../run-note.js';

interface ExportOptions {
  readonly out: string;
  readonly dtype: 'float16' | 'float32';
}

/** Creates the `transfusion export` command. */
export function exportCommand(): Command {
  return new Command('export')
    .description(
      'Exports a model for inference or fine-tuning (`train --init-from`): EMA weights and modalities, without optimizer state.',
    )
    .argument('<run>', RUN_HELP)
    .requiredOption(
      '--out <folder>',
      'output folder, must not exist; any command that takes a `<run>` accepts it',
    )
    .addOption(
      new Option('--dtype <name>', 'data type of the weights')
        .choices(['float16', 'float32'])
        .default('float16'),
    )
    .action(exportAction);
}

async function exportAction(run: string, { out, dtype }: ExportOptions): Promise<void> {
  if (existsSync(out)) {
    throw new TransfusionError(
      'invalid-argument',
      `export: ${out} already exists. Choose a new folder for --out.`,
    );
  }
  const folder = resolveRunFolder(run);
  const checkpoint = await findCheckpoint(folder);
  const recipeReference = readRunNote(folder);
  await exportCheckpoint(checkpoint, out, dtype);
  if (recipeReference !== undefined) writeRunNote(out, recipeReference);
  console.log(out);
}
