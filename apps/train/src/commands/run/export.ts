import { existsSync } from 'node:fs';
import { TransfusionError } from '@transfusion/errors';
import { findCheckpoint } from '@transfusion/runs';
import { exportCheckpoint } from '@transfusion/trainer';
import { Command, Option } from 'commander';
import { startEngine } from '../../engine.js';
import { runFolder } from '../../open-run.js';
import { readRunNote, writeRunNote } from '../../run-note.js';

interface ExportOptions {
  readonly out: string;
  readonly precision: 'half' | 'single';
}

/** `transfusion export` */
export function exportCommand(): Command {
  return new Command('export')
    .description(
      'Writes a folder to use a model from, or to train it on: its weights in half precision and its modalities, without the state of the optimizer.',
    )
    .argument('<run>', "a run's folder, or a checkpoint's")
    .requiredOption('--out <folder>', 'a new folder, for all commands that take a run')
    .addOption(
      new Option('--precision <name>', 'precision of the weights')
        .choices(['half', 'single'])
        .default('half'),
    )
    .action(exportAction);
}

async function exportAction(run: string, { out, precision }: ExportOptions, command: Command): Promise<void> {
  if (existsSync(out)) {
    throw new TransfusionError(
      'invalid-argument',
      `export: ${out} is there already. Give --out a new folder.`,
    );
  }
  const folder = runFolder(run);
  const checkpoint = await findCheckpoint(folder);
  const note = readRunNote(folder);
  await startEngine(command);
  await exportCheckpoint(checkpoint, out, precision);
  if (note !== undefined) writeRunNote(out, note);
  console.log(out);
}
