import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { TransfusionError } from '@transfusion/errors';
import { exportModel, type ExportPrecision } from '@transfusion/export';
import { exportLora, findCheckpoint } from '@transfusion/runs';
import { exportCheckpoint } from '@transfusion/trainer';
import type { Command } from 'commander';
import { loadRun, resolveRunFolder } from '../../load-run.js';
import { readRunNote, writeRunNote } from '../../run-note.js';
import { noteNewFolder } from '../../write-and-print.js';

interface ExportOptions {
  readonly out: string;
  readonly format: 'checkpoint' | 'onnx' | 'lora';
  readonly dtype?: 'float16' | 'float32';
  readonly precision?: ExportPrecision;
}

/** Runs `transfusion export`. */
export async function exportAction(run: string, options: ExportOptions, command: Command): Promise<void> {
  const { out, format, dtype, precision } = options;
  if (existsSync(out)) throw refusal(`${out} already exists. Choose a new folder for --out.`);
  if (format === 'lora') {
    if (dtype !== undefined || precision !== undefined) {
      throw refusal('--dtype and --precision are for whole models. Omit them: updates are in float32.');
    }
    noteNewFolder(dirname(out));
    await exportLora(await resolveRunFolder(run), out);
  } else if (format === 'onnx') {
    if (dtype !== undefined) throw refusal('--dtype is for checkpoints. Use --precision.');
    const trained = await loadRun(run, {}, command);
    noteNewFolder(dirname(out));
    await exportModel(trained, { folder: out, precisions: [precision ?? 'half'] });
  } else {
    if (precision !== undefined) throw refusal('--precision is for --format onnx. Use --dtype.');
    const folder = await resolveRunFolder(run);
    const checkpoint = await findCheckpoint(folder);
    const recipeReference = readRunNote(folder);
    noteNewFolder(dirname(out));
    await exportCheckpoint(checkpoint, out, dtype ?? 'float16');
    if (recipeReference !== undefined) writeRunNote(out, recipeReference);
  }
  console.log(out);
}

function refusal(message: string): TransfusionError {
  return new TransfusionError('invalid-argument', `export: ${message}`);
}
