import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { saveTokenizer, type BpeTokenizer, type TextModality } from '@transfusion/modality-text';
import { findCheckpoint } from '@transfusion/runs';
import { exportCheckpoint } from '@transfusion/trainer';
import { Command, Option } from 'commander';
import { startEngine } from '../engine.js';
import { openRecipe } from '../recipe-reference.js';
import { readRunFile, runFolder, writeRunFile } from '../run-folder.js';

interface ExportCommandOptions {
  readonly out: string;
  readonly precision: 'half' | 'single';
}

/** `transfusion export` */
export function exportCommand(): Command {
  return new Command('export')
    .description(
      'Writes what is needed to use a model, or to train it on: no state of the optimizer, half the precision.',
    )
    .argument('<run>', "a run's folder, or a checkpoint's")
    .requiredOption('--out <folder>', 'a new folder, for all commands that take a run')
    .addOption(new Option('--precision <name>', 'of the weights').choices(['half', 'single']).default('half'))
    .action(exportAction);
}

async function exportAction(
  run: string,
  { out, precision }: ExportCommandOptions,
  command: Command,
): Promise<void> {
  if (existsSync(out)) {
    throw new TransfusionError(
      'invalid-argument',
      `export: ${out} is there already. Give --out a new folder.`,
    );
  }
  const folder = runFolder(run);
  const checkpoint = await findCheckpoint(folder);
  const reference = readRunFile(folder);
  await startEngine(command);
  const { modalities } = await openRecipe(reference);
  await exportCheckpoint(checkpoint, out, precision);
  writeRunFile(out, reference);
  for (const modality of modalities.discrete) {
    const { tokenizer } = modality as Partial<TextModality>;
    if (tokenizer !== undefined && 'toTokenizerJson' in tokenizer) {
      await saveTokenizer(tokenizer as BpeTokenizer, join(out, 'tokenizer.json'));
    }
  }
  console.log(out);
}
